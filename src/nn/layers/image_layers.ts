import { message } from "../../_internal/message.ts";
import { fullArray } from "../../array/nd_array.ts";
import type { Shape } from "../../array/shape.ts";
import { split } from "../../random/mod.ts";
import { avgPool2d, conv2d as convolve, globalAvgPool, maxPool2d } from "../../functions/mod.ts";
import { constant, type Pair, type Variable } from "../../variable/mod.ts";
import { type ActivationName, activationOf } from "../activations.ts";
import { type Initializer, type InitializerName, initializerOf } from "../initializers.ts";
import { type Layer, type LayerParameters, startValue } from "./layer.ts";

/** Options of {@linkcode conv2d}. */
export interface Conv2dLayerOptions {
  /** The number of filters: channels of the result. */
  readonly filters: number;
  /** Height and width of the filters, one number for both. */
  readonly kernelSize: Pair;
  /** Steps along height and width; 1 by default. */
  readonly strides?: Pair;
  /** `"valid"` (no padding, the default) or `"same"` (the image keeps its size over the strides). */
  readonly padding?: "valid" | "same";
  /** Distances between the cells of a filter; 1 by default. */
  readonly dilationRate?: Pair;
  /** Groups of channels that do not see one another; 1 by default. */
  readonly groups?: number;
  /** `"linear"` by default. */
  readonly activation?: ActivationName;
  /** Whether a bias is added; true by default. */
  readonly useBias?: boolean;
  /** `"glorotUniform"` by default. */
  readonly kernelInitializer?: InitializerName | Initializer;
  /** `"zeros"` by default. */
  readonly biasInitializer?: InitializerName | Initializer;
  /** The shape of one example, `[height, width, channels]`; else it is learnt from the first data. */
  readonly inputShape?: Shape;
  /** The name in summaries. */
  readonly name?: string;
}

/** Options of {@linkcode maxPooling2d} and {@linkcode averagePooling2d}. */
export interface Pooling2dOptions {
  /** Height and width of the window, one number for both; 2 by default. */
  readonly poolSize?: Pair;
  /** Steps along height and width; by default the size of the window. */
  readonly strides?: Pair;
  /** `"valid"` (no padding, the default) or `"same"`. */
  readonly padding?: "valid" | "same";
  /** The shape of one example, `[height, width, channels]`; else it is learnt from the first data. */
  readonly inputShape?: Shape;
  /** The name in summaries. */
  readonly name?: string;
}

/**
 * A convolution of images, with a kernel `[height, width, channels / groups, filters]` and a bias `[filters]`.
 *
 * @param options The number and size of filters, strides, padding, activation, initializers
 * @throws {RangeError} If filters is not an integer from 1 up, or a name is unknown
 *
 * @example
 * ```ts
 * import { constant } from "@tapegrad/tapegrad";
 * import { conv2d } from "@tapegrad/tapegrad/nn";
 * import { key } from "@tapegrad/tapegrad/random";
 *
 * const layer = conv2d({ filters: 4, kernelSize: 3, padding: "same", activation: "relu" });
 * const { parameters, outputShape } = layer.init(key(0), [8, 8, 1]);
 * console.log(parameters.kernel!.shape, outputShape); // [3, 3, 1, 4] [8, 8, 4]
 * ```
 */
export function conv2d(options: Conv2dLayerOptions): Layer {
  const { filters, kernelSize, activation = "linear", useBias = true, groups = 1 } = options;
  if (!(Number.isInteger(filters) && filters >= 1)) {
    throw new RangeError(
      message`Cannot make a conv2d layer: filters is ${filters}, use an integer from 1 up`,
    );
  }
  const activate = activationOf(activation);
  const makeKernel = initializerOf(options.kernelInitializer ?? "glorotUniform");
  const makeBias = initializerOf(options.biasInitializer ?? "zeros");
  const { strides = 1, padding = "valid", dilationRate = 1 } = options;
  const applyLinear = ({ kernel, bias }: LayerParameters, x: Variable): Variable => {
    const result = convolve(x, kernel!, { strides, padding, dilations: dilationRate, groups });
    return bias === undefined ? result : result.add(bias);
  };
  return {
    kind: "conv2d",
    name: options.name,
    inputShape: options.inputShape,
    activation,
    init: (key, inputShape, dtype = "float32") => {
      const channels = checkImages("conv2d", inputShape)[2]!;
      const size = typeof kernelSize === "number" ? [kernelSize, kernelSize] : kernelSize;
      if (channels % groups !== 0) {
        throw new RangeError(
          message`Cannot make a conv2d layer: ${groups} groups do not divide the
          ${channels} channels of examples of shape ${inputShape}`,
        );
      }
      const [kernelKey, biasKey] = split(key);
      const shape = [...size, channels / groups, filters];
      const kernel = startValue("kernel", makeKernel(kernelKey!, shape, dtype), shape, dtype);
      const parameters: LayerParameters = useBias
        ? { kernel, bias: startValue("bias", makeBias(biasKey!, [filters], dtype), [filters], dtype) }
        : { kernel };
      return { parameters, outputShape: shapeAfter((x) => applyLinear(parameters, x), inputShape) };
    },
    applyLinear,
    apply: (parameters, x) => activate(applyLinear(parameters, x)),
  };
}

/**
 * The largest element under a window that moves over images.
 *
 * @param options Size of the window (2 by default), strides, padding
 *
 * @example
 * ```ts
 * import { reshape } from "@tapegrad/tapegrad";
 * import { maxPooling2d } from "@tapegrad/tapegrad/nn";
 *
 * console.log(maxPooling2d().apply({}, reshape([1, 2, 3, 4], [1, 2, 2, 1])).data); // Float64Array(1) [4]
 * ```
 */
export function maxPooling2d(options: Pooling2dOptions = {}): Layer {
  const { poolSize = 2, strides = poolSize, padding = "valid" } = options;
  return imageLayer("maxPooling2d", options, (x) => maxPool2d(x, poolSize, { strides, padding }));
}

/**
 * The mean of the elements under a window that moves over images; padding does not count.
 *
 * @param options Size of the window (2 by default), strides, padding
 *
 * @example
 * ```ts
 * import { reshape } from "@tapegrad/tapegrad";
 * import { averagePooling2d } from "@tapegrad/tapegrad/nn";
 *
 * console.log(averagePooling2d().apply({}, reshape([1, 2, 3, 6], [1, 2, 2, 1])).data); // Float64Array(1) [3]
 * ```
 */
export function averagePooling2d(options: Pooling2dOptions = {}): Layer {
  const { poolSize = 2, strides = poolSize, padding = "valid" } = options;
  return imageLayer("averagePooling2d", options, (x) => avgPool2d(x, poolSize, { strides, padding }));
}

/**
 * The mean over all pixels of each channel: `[batch, height, width, channels]` becomes `[batch, channels]`.
 *
 * @param options The shape of one example, and a name
 *
 * @example
 * ```ts
 * import { reshape } from "@tapegrad/tapegrad";
 * import { globalAveragePooling2d } from "@tapegrad/tapegrad/nn";
 *
 * console.log(globalAveragePooling2d().apply({}, reshape([1, 2, 3, 6], [1, 2, 2, 1])).value); // [[3]]
 * ```
 */
export function globalAveragePooling2d(
  options: { readonly inputShape?: Shape; readonly name?: string } = {},
): Layer {
  return imageLayer("globalAveragePooling2d", options, globalAvgPool);
}

/** A layer of images without parameters. */
function imageLayer(
  kind: string,
  options: { readonly inputShape?: Shape; readonly name?: string },
  f: (x: Variable) => Variable,
): Layer {
  return {
    kind,
    name: options.name,
    inputShape: options.inputShape,
    activation: "linear",
    init: (_, inputShape) => ({
      parameters: {},
      outputShape: shapeAfter(f, checkImages(kind, inputShape)),
    }),
    applyLinear: (_, x) => f(x),
    apply: (_, x) => f(x),
  };
}

function checkImages(kind: string, inputShape: Shape): Shape {
  if (inputShape.length === 3) return inputShape;
  throw new TypeError(
    message`Cannot apply a ${kind} layer to examples of shape ${inputShape}: expected
    [height, width, channels]`,
  );
}

/** The shape of one result, found by running a batch of no examples. */
function shapeAfter(f: (x: Variable) => Variable, inputShape: Shape): Shape {
  return f(constant(fullArray([0, ...inputShape], 0, "float32"))).shape.slice(1);
}
