import { message } from "../../_internal/message.ts";
import { formatShape } from "../../_internal/format.ts";
import type { DType } from "../../array/dtype.ts";
import type { NdArray } from "../../array/nd_array.ts";
import { sameShape, type Shape, sizeOf } from "../../array/shape.ts";
import { type Key, split } from "../../random/mod.ts";
import { constant, type Variable } from "../../variable/mod.ts";
import { type ActivationName, activationOf } from "../activations.ts";
import { type Initializer, type InitializerName, initializerOf } from "../initializers.ts";

/** The parameters of one layer, by name. */
export type LayerParameters = { readonly [name: string]: Variable };

/** The parameters of a model: those of each layer. */
export type ModelParameters = readonly LayerParameters[];

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
  /** Whether it does something random in training, for which it is given a key. */
  readonly isRandom?: boolean;
  /** Applies the layer to `[batch, ...inputShape]`, up to but without its activation. */
  applyLinear(parameters: LayerParameters, x: Variable, trainingKey?: Key): Variable;
  /** Applies the layer to `[batch, ...inputShape]`; with a key as in training, where it makes a difference. */
  apply(parameters: LayerParameters, x: Variable, trainingKey?: Key): Variable;
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
  readonly kernelInitializer?: InitializerName | Initializer;
  /** `"zeros"` by default. */
  readonly biasInitializer?: InitializerName | Initializer;
  /** The shape of one example, `[features]`; else it is learnt from the first data. */
  readonly inputShape?: Shape;
  /** The name in summaries. */
  readonly name?: string;
}

/**
 * A fully connected layer: `activation(x W + b)`, with W of shape `[features, units]` and b of `[units]`.
 *
 * @param options The number of units, activation, initializers
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
  const { units, activation = "linear", useBias = true } = options;
  if (!(Number.isInteger(units) && units >= 1)) {
    throw new RangeError(message`Cannot make a dense layer: units is ${units}, use an integer from 1 up`);
  }
  const activate = activationOf(activation);
  const makeKernel = initializerOf(options.kernelInitializer ?? "glorotUniform");
  const makeBias = initializerOf(options.biasInitializer ?? "zeros");
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
      const [features] = inputShape;
      if (inputShape.length !== 1) {
        const shape = formatShape(inputShape);
        throw new TypeError(
          message`Cannot apply a dense layer to examples of shape ${shape}: expected
          [features], put flatten() before it`,
        );
      }
      const [kernelKey, biasKey] = split(key);
      const shape = [features!, units];
      const kernel = startValue("kernel", makeKernel(kernelKey!, shape, dtype), shape, dtype);
      const parameters: LayerParameters = useBias
        ? { kernel, bias: startValue("bias", makeBias(biasKey!, [units], dtype), [units], dtype) }
        : { kernel };
      return { parameters, outputShape: [units] };
    },
    applyLinear,
    apply: (parameters, x) => activate(applyLinear(parameters, x)),
  };
}

/** A start value as a parameter; an initializer of the user's own may have got its shape wrong. */
export function startValue(name: string, value: NdArray, shape: Shape, dtype: DType): Variable {
  if (sameShape(value.shape, shape)) return constant(value, { name, dtype });
  throw new TypeError(
    message`Cannot initialize the ${name}: the initializer gave shape ${value.shape},
    expected ${shape}`,
  );
}

/**
 * Lays each example out as one row: `[batch, a, b]` becomes `[batch, a * b]`.
 *
 * @param options The shape of one example, and a name
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
    x.reshape([x.shape[0]!, sizeOf(x.shape.slice(1))]);
  return {
    kind: "flatten",
    name: options.name,
    inputShape: options.inputShape,
    activation: "linear",
    init: (_, inputShape) => ({ parameters: {}, outputShape: [sizeOf(inputShape)] }),
    applyLinear: apply,
    apply,
  };
}

/**
 * A layer that only applies an activation. As the last layer it is taken into the loss like the activation
 * of a {@linkcode dense} layer.
 *
 * @param activation Its name
 * @param options The shape of one example, and a name
 * @throws {RangeError} If there is no activation of that name
 *
 * @example
 * ```ts
 * import { constant } from "@tapegrad/tapegrad";
 * import { activation } from "@tapegrad/tapegrad/nn";
 *
 * console.log(activation("relu").apply({}, constant([[-1, 2]])).value); // [[0, 2]]
 * ```
 */
export function activation(
  activation: ActivationName,
  options: { readonly inputShape?: Shape; readonly name?: string } = {},
): Layer {
  const activate = activationOf(activation);
  return {
    kind: "activation",
    name: options.name,
    inputShape: options.inputShape,
    activation,
    init: (_, inputShape) => ({ parameters: {}, outputShape: inputShape }),
    applyLinear: (_, x) => x,
    apply: (_, x) => activate(x),
  };
}
