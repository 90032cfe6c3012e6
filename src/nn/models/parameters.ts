import { message } from "../../_internal/message.ts";
import { formatShape } from "../../_internal/format.ts";
import type { DType } from "../../array/dtype.ts";
import { sameShape, type Shape } from "../../array/shape.ts";
import { type Key, split } from "../../random/mod.ts";
import { constant, type Operand } from "../../variable/mod.ts";
import type { Layer, LayerParameters, ModelParameters } from "../layers/layer.ts";
import { nameOf } from "./summary.ts";

/**
 * Makes start parameters for a stack of layers, and the shape of one example before the first layer and
 * after each.
 *
 * @param model The model's name, for messages
 * @throws {TypeError} If a layer does not fit the one before
 */
export function buildParameters(
  model: string,
  layers: readonly Layer[],
  key: Key,
  inputShape: Shape,
  dtype: DType,
): { parameters: ModelParameters; shapes: readonly Shape[] } {
  const keys = split(key, layers.length);
  const parameters: LayerParameters[] = [];
  const shapes: Shape[] = [inputShape];
  layers.forEach((layer, i) => {
    const shape = shapes[i]!;
    if (layer.inputShape !== undefined && !sameShape(layer.inputShape, shape)) {
      throw new TypeError(
        message`Cannot build ${model}: ${nameOf(layer, i)} states inputShape
        ${layer.inputShape}, it gets ${shape}`,
      );
    }
    const made = layer.init(keys[i]!, shape, dtype);
    parameters.push(made.parameters);
    shapes.push(made.outputShape);
  });
  return { parameters, shapes };
}

/**
 * Other values for parameters, checked against the ones they replace.
 *
 * @param model The model's name, for messages
 * @throws {TypeError} If a parameter is missing, unknown or of another shape
 */
export function replaceParameters(
  model: string,
  old: ModelParameters,
  given: readonly { readonly [name: string]: Operand }[],
  dtype: DType,
): ModelParameters {
  if (given.length !== old.length) {
    throw new TypeError(
      message`Cannot set the parameters of ${model}: got ${given.length} layers, it has
      ${old.length}`,
    );
  }
  return old.map((layer, i) => {
    const unknown = Object.keys(given[i]!).find((name) => !Object.hasOwn(layer, name));
    if (unknown !== undefined) {
      throw new TypeError(
        message`Cannot set ${unknown} of layer ${i}: it has
        ${Object.keys(layer).join(", ") || "no parameters"}`,
      );
    }
    return Object.fromEntries(
      Object.entries(layer).map(([name, was]) => {
        const operand = given[i]![name];
        const value = operand === undefined ? undefined : constant(operand, { dtype, name });
        if (value !== undefined && sameShape(value.shape, was.shape)) return [name, value];
        throw new TypeError(
          message`Cannot set ${name} of layer ${i}: expected shape ${was.shape}, got
          ${value === undefined ? "nothing" : formatShape(value.shape)}`,
        );
      }),
    );
  });
}
