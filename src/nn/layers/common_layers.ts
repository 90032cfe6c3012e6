import { readAxes } from "../../_internal/readers/mod.ts";
import { message } from "../../_internal/message.ts";
import { fullArray } from "../../array/nd_array.ts";
import type { Shape } from "../../array/shape.ts";
import { dropout as drop, type Key } from "../../random/mod.ts";
import { embedding as lookUp, layerNorm } from "../../functions/mod.ts";
import type { Variable } from "../../variable/mod.ts";
import { type Initializer, type InitializerName, initializerOf } from "../initializers.ts";
import { type Layer, type LayerParameters, startValue } from "./layer.ts";

/** Options of {@linkcode dropout}. */
export interface DropoutOptions {
  /** The probability with which an element is dropped in training, from 0 to below 1. */
  readonly rate: number;
  /** The shape of one example; else it is learnt from the first data. */
  readonly inputShape?: Shape;
  /** The name in summaries. */
  readonly name?: string;
}

/** Options of {@linkcode layerNormalization}. */
export interface LayerNormalizationOptions {
  /** One axis or several of the batch `[batch, ...]`; the last by default. */
  readonly axis?: number | readonly number[];
  /** Added to the variance before its root is taken; 1e-3 by default, as in Keras. */
  readonly epsilon?: number;
  /** Whether an offset is learnt; true by default. */
  readonly center?: boolean;
  /** Whether factors are learnt; true by default. */
  readonly scale?: boolean;
  /** The shape of one example; else it is learnt from the first data. */
  readonly inputShape?: Shape;
  /** The name in summaries. */
  readonly name?: string;
}

/** Options of {@linkcode embedding}. */
export interface EmbeddingOptions {
  /** The number of different inputs, which are integers from 0 to `inputDim - 1`. */
  readonly inputDim: number;
  /** The number of features of each. */
  readonly outputDim: number;
  /** `"randomUniform"` by default. */
  readonly embeddingsInitializer?: InitializerName | Initializer;
  /** The shape of one example, `[length]`; else it is learnt from the first data. */
  readonly inputShape?: Shape;
  /** The name in summaries. */
  readonly name?: string;
}

/**
 * Drops elements at random in training and enlarges the others; else it does nothing. In `fit` every batch has a
 * key of its own, which follows from the model's seed.
 *
 * @param options The rate
 * @throws {RangeError} If the rate is not from 0 to below 1
 *
 * @example
 * ```ts
 * import { constant } from "@tapegrad/tapegrad";
 * import { dropout } from "@tapegrad/tapegrad/nn";
 *
 * console.log(dropout({ rate: 0.5 }).apply({}, constant([[1, 2]])).value); // [[1, 2]]
 * ```
 */
export function dropout({ rate, ...options }: DropoutOptions): Layer {
  if (!(rate >= 0 && rate < 1)) {
    throw new RangeError(message`Cannot make a dropout layer: the rate is ${rate}, use a number from 0 to
      below 1`);
  }
  const apply = (_: LayerParameters, x: Variable, trainingKey?: Key): Variable =>
    trainingKey === undefined ? x : drop(trainingKey, x, rate);
  return {
    kind: "dropout",
    name: options.name,
    inputShape: options.inputShape,
    activation: "linear",
    isRandom: rate > 0,
    init: (_, inputShape) => ({ parameters: {}, outputShape: inputShape }),
    applyLinear: apply,
    apply,
  };
}

/**
 * Layer normalization with factors `gamma` and an offset `beta` that are learnt.
 *
 * @param options Axes, epsilon, and whether factors and offset are learnt
 * @throws {RangeError} If epsilon is not positive
 *
 * @example
 * ```ts
 * import { constant } from "@tapegrad/tapegrad";
 * import { layerNormalization } from "@tapegrad/tapegrad/nn";
 * import { key } from "@tapegrad/tapegrad/random";
 *
 * const layer = layerNormalization({ epsilon: 1e-12 });
 * const { parameters } = layer.init(key(0), [2]);
 * console.log(layer.apply(parameters, constant([[1, 3]])).round().value); // [[-1, 1]]
 * ```
 */
export function layerNormalization(options: LayerNormalizationOptions = {}): Layer {
  const { axis = -1, epsilon = 1e-3, center = true, scale = true } = options;
  if (!(epsilon > 0)) {
    throw new RangeError(
      message`Cannot make a layerNormalization layer: epsilon is ${epsilon}, use a small
      positive number`,
    );
  }
  const apply = ({ gamma, beta }: LayerParameters, x: Variable): Variable =>
    layerNorm(x, {
      axis,
      epsilon,
      ...gamma === undefined ? {} : { scale: gamma },
      ...beta === undefined ? {} : { offset: beta },
    });
  return {
    kind: "layerNormalization",
    name: options.name,
    inputShape: options.inputShape,
    activation: "linear",
    init: (_, inputShape, dtype = "float32") => {
      const axes = readAxes("layerNormalization", axis, inputShape.length + 1);
      if (axes[0] === 0) {
        throw new RangeError("Cannot make a layerNormalization layer: axis 0 is the batch, name others");
      }
      // Length 1 on the axes that are not normalized, so that the parameters broadcast.
      const shape = inputShape.map((length, i) => axes.includes(i + 1) ? length : 1).slice(axes[0]! - 1);
      const make = (name: string, value: number): Variable =>
        startValue(name, fullArray(shape, value, dtype), shape, dtype);
      return {
        parameters: {
          ...scale ? { gamma: make("gamma", 1) } : {},
          ...center ? { beta: make("beta", 0) } : {},
        },
        outputShape: inputShape,
      };
    },
    applyLinear: apply,
    apply,
  };
}

/**
 * Rows of a table that is learnt, `[inputDim, outputDim]`: integers `[batch, length]` become
 * `[batch, length, outputDim]`.
 *
 * @param options The size of the table, and its initializer
 * @throws {RangeError} If a dimension is not an integer from 1 up, or a name is unknown
 *
 * @example
 * ```ts
 * import { constant } from "@tapegrad/tapegrad";
 * import { embedding } from "@tapegrad/tapegrad/nn";
 * import { key } from "@tapegrad/tapegrad/random";
 *
 * const layer = embedding({ inputDim: 10, outputDim: 4 });
 * const { parameters } = layer.init(key(0), [3]);
 * console.log(layer.apply(parameters, constant([[1, 5, 9]])).shape); // [1, 3, 4]
 * ```
 */
export function embedding(options: EmbeddingOptions): Layer {
  const { inputDim, outputDim } = options;
  if (![inputDim, outputDim].every((n) => Number.isInteger(n) && n >= 1)) {
    throw new RangeError(
      message`Cannot make an embedding layer: its table is ${[inputDim, outputDim]}, use
      integers from 1 up`,
    );
  }
  const makeTable = initializerOf(options.embeddingsInitializer ?? "randomUniform");
  const apply = ({ embeddings }: LayerParameters, x: Variable): Variable => lookUp(x, embeddings!);
  return {
    kind: "embedding",
    name: options.name,
    inputShape: options.inputShape,
    activation: "linear",
    init: (key, inputShape, dtype = "float32") => {
      const shape = [inputDim, outputDim];
      const embeddings = startValue("embeddings", makeTable(key, shape, dtype), shape, dtype);
      return { parameters: { embeddings }, outputShape: [...inputShape, outputDim] };
    },
    applyLinear: apply,
    apply,
  };
}
