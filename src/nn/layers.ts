import { formatShape } from "../_internal/format.ts";
import type { DType } from "../array/dtype.ts";
import type { Shape } from "../array/shape.ts";
import { type Key, split } from "../random/mod.ts";
import { constant, type Variable } from "../variable/mod.ts";
import { type ActivationName, activationOf } from "./activations.ts";
import { type InitializerName, initializerOf } from "./initializers.ts";

/** The parameters of one layer, by name. */
export type LayerParameters = { readonly [name: string]: Variable };

/** A step of a model: a pure function of its parameters and its input. */
export interface Layer {
  /** What kind of layer it is. */
  readonly kind: string;
  /** Its name in summaries; by default kind and position. */
  readonly name: string | undefined;
  /** The shape of one example, where the layer states it. */
  readonly inputShape: Shape | undefined;
  /** The activation at its end, which a loss may take in to work from logits. */
  readonly activation: ActivationName;
  /** Makes start parameters for examples of a shape (without the batch axis). */
  init(key: Key, inputShape: Shape, dtype?: DType): { parameters: LayerParameters; outputShape: Shape };
  /** Applies the layer to `[batch, ...inputShape]`, up to but without its activation. */
  applyLinear(parameters: LayerParameters, x: Variable): Variable;
  /** Applies the layer to `[batch, ...inputShape]`. */
  apply(parameters: LayerParameters, x: Variable): Variable;
}

/** Options of {@linkcode dense}. */
export interface DenseOptions {
  /** The number of outputs. */
  readonly units: number;
  /** `"linear"` by default. */
  readonly activation?: ActivationName;
  /** Whether a bias is added; true by default. */
  readonly useBias?: boolean;
  /** `"glorotUniform"` by default. */
  readonly kernelInitializer?: InitializerName;
  /** The shape of one example, `[features]`; else it is learnt from the first data. */
  readonly inputShape?: Shape;
  /** The name in summaries. */
  readonly name?: string;
}

/**
 * A fully connected layer: `activation(x W + b)`, with W of shape `[features, units]` and b of `[units]`.
 *
 * @throws {RangeError} If units is not an integer from 1 up, or a name is unknown
 *
 * @example
 * ```ts
 * import { constant } from "@tapegrad/tapegrad";
 * import { dense } from "@tapegrad/tapegrad/nn";
 * import { key } from "@tapegrad/tapegrad/random";
 *
 * const layer = dense({ units: 2, activation: "relu" });
 * const { parameters } = layer.init(key(0), [3]);
 * console.log(layer.apply(parameters, constant([[1, 2, 3]])).shape); // [1, 2]
 * ```
 */
export function dense(options: DenseOptions): Layer {
  const { units, activation = "linear", useBias = true, kernelInitializer = "glorotUniform" } = options;
  if (!(Number.isInteger(units) && units >= 1)) {
    throw new RangeError(`Cannot make a dense layer: units is ${units}, use an integer from 1 up`);
  }
  const activate = activationOf(activation);
  const initialize = initializerOf(kernelInitializer);
  const applyLinear = ({ kernel, bias }: LayerParameters, x: Variable): Variable => {
    const product = x.matmul(kernel!);
    return bias === undefined ? product : product.add(bias);
  };
  return {
    kind: "dense",
    name: options.name,
    inputShape: options.inputShape,
    activation,
    init: (key, inputShape, dtype = "float32") => {
      if (inputShape.length !== 1) {
        throw new TypeError(
          `Cannot apply a dense layer to examples of shape ${
            formatShape(inputShape)
          }: expected [features], ` +
            `put flatten() before it`,
        );
      }
      const kernel = constant(initialize(split(key)[0]!, [inputShape[0]!, units], dtype), { name: "kernel" });
      const zeros = initializerOf("zeros")(key, [units], dtype);
      const parameters: LayerParameters = useBias
        ? { kernel, bias: constant(zeros, { name: "bias" }) }
        : { kernel };
      return { parameters, outputShape: [units] };
    },
    applyLinear,
    apply: (parameters, x) => activate(applyLinear(parameters, x)),
  };
}

/**
 * Lays each example out as one row: `[batch, a, b]` becomes `[batch, a * b]`.
 *
 * @example
 * ```ts
 * import { constant } from "@tapegrad/tapegrad";
 * import { flatten } from "@tapegrad/tapegrad/nn";
 *
 * console.log(flatten().apply({}, constant([[[1, 2], [3, 4]]])).shape); // [1, 4]
 * ```
 */
export function flatten(options: { readonly inputShape?: Shape; readonly name?: string } = {}): Layer {
  const apply = (_: LayerParameters, x: Variable): Variable =>
    x.reshape([x.shape[0]!, x.shape.slice(1).reduce((a, b) => a * b, 1)]);
  return {
    kind: "flatten",
    name: options.name,
    inputShape: options.inputShape,
    activation: "linear",
    init: (_, inputShape) => ({ parameters: {}, outputShape: [inputShape.reduce((a, b) => a * b, 1)] }),
    applyLinear: apply,
    apply,
  };
}
