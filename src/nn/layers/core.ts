import { message } from "../../_internal/message.ts";
import { readFunction } from "../../_internal/readers/mod.ts";
import type { Variable } from "../../variable/mod.ts";
import { type ActivationArgument, activationOf } from "../activations.ts";
import type { Context } from "../core/context.ts";
import { defineLayer, type Layer, type LayerFactory, type LayerOptions } from "../core/layer.ts";
import { defineOneInputLayer } from "./_one_input.ts";
import { checkLayerOptions, readCount, readLayerOptions } from "./_options.ts";
import { KERNEL, type KernelOptions, readFinish, readKernel } from "./_weights.ts";

/** Options of {@linkcode dense}. */
export interface DenseOptions extends KernelOptions {
  /** The number of outputs. */
  readonly units: number;
}

/**
 * A layer with a weight from each input to each output, along the last axis: `activation(x kernel + bias)`, with a
 * kernel `[inputs, units]` and a bias `[units]`.
 *
 * @param options The number of outputs, activation, initializers, regularizers, constraints
 * @throws {RangeError} If units is not an integer from 1 up, or a name is unknown
 *
 * @example
 * ```ts
 * import { dense, sequential } from "@tapegrad/tapegrad/nn";
 *
 * const model = sequential([dense({ units: 2, activation: "relu" })]).build([3]);
 * console.log(model.predict([[1, 2, 3]]).shape); // [1, 2]
 * ```
 */
export const dense: LayerFactory<DenseOptions> = defineOneInputLayer("dense", (options: DenseOptions) => {
  const read = readLayerOptions("dense", options, { ...KERNEL, units: undefined });
  const units = readCount("dense", "units", read.units);
  const kernel = readKernel(read);
  const finish = readFinish(read);
  return (x: Variable, c: Context) => {
    if (x.rank < 2) {
      throw new TypeError(
        message`Cannot apply a dense layer to examples of shape ${
          x.shape.slice(1)
        }: expected [features]; reshape data
        [rows] to [rows, 1] for one feature`,
      );
    }
    return finish(c, x.matmul(kernel(c, "kernel", [x.shape.at(-1) ?? 0, units])));
  };
});

/** Options of the layer that {@linkcode activation} makes. */
export interface ActivationOptions extends LayerOptions {
  /** The function. */
  readonly activation: ActivationArgument;
}

const activationLayer: LayerFactory<ActivationOptions> = defineOneInputLayer(
  "activation",
  (options: ActivationOptions) => {
    const activate = activationOf(
      readLayerOptions("activation", options, { activation: undefined }).activation,
    );
    return (x: Variable) => activate(x);
  },
);

/**
 * A layer that only applies an activation.
 *
 * @param activation Its name, or a function
 * @param options Shape of one example, name
 * @throws {RangeError} If there is no activation of that name
 *
 * @example
 * ```ts
 * import { activation, sequential } from "@tapegrad/tapegrad/nn";
 *
 * console.log(sequential([activation("relu")]).build([2]).predict([[-1, 2]]).value); // [[0, 2]]
 * ```
 */
export function activation(activation: ActivationArgument, options: LayerOptions = {}): Layer {
  checkLayerOptions("activation", options);
  return activationLayer({ ...options, activation });
}

/** Options of the layer that {@linkcode lambda} makes. */
export interface LambdaOptions<I = Variable, O = Variable> extends LayerOptions {
  /** The function. */
  readonly function: (x: I, context: Context) => O;
}

const lambdaLayer: LayerFactory<LambdaOptions<never, unknown>, never, unknown> = defineLayer(
  "lambda",
  (options: LambdaOptions<never, unknown>) => {
    const read = readLayerOptions("lambda", options, { function: undefined });
    return readFunction("lambda", "the option function", read.function);
  },
);

/**
 * A layer of a function, for use on the spot. A model with one can't be saved: give the layer a name by
 * {@linkcode defineLayer} for that.
 *
 * @param f Takes the input, and a context that it may ask for parameters
 * @param options Shape of one example, name
 * @throws {TypeError} If f is no function
 *
 * @example
 * ```ts
 * import { lambda, sequential } from "@tapegrad/tapegrad/nn";
 *
 * const model = sequential([lambda((x) => x.square())]).build([2]);
 * console.log(model.predict([[3, 4]]).value); // [[9, 16]]
 * ```
 */
export function lambda<I = Variable, O = Variable>(
  f: (x: I, context: Context) => O,
  options: LayerOptions = {},
): Layer<I, O> {
  checkLayerOptions("lambda", options);
  return lambdaLayer({
    ...options,
    function: f as LambdaOptions<never, unknown>["function"],
  }) as unknown as Layer<
    I,
    O
  >;
}
