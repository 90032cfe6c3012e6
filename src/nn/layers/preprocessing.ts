import { message } from "../../_internal/message.ts";
import { FINITE, isList, readNumber } from "../../_internal/readers/mod.ts";
import { type Shape, sizeOf } from "../../array/shape.ts";
import { oneHot } from "../../functions/mod.ts";
import { constant, noGrad, type Operand, type Variable } from "../../variable/mod.ts";
import type { Context } from "../core/context.ts";
import { defineLayer, type LayerFactory, type LayerOptions } from "../core/layer.ts";
import { defineOneInputLayer } from "./_one_input.ts";
import type { Initializer } from "../initializers.ts";
import {
  cannotMake,
  checkLayerOptions,
  readCount,
  readFeatureAxes,
  readLayerOptions,
  readName,
} from "./_options.ts";

/** Options of {@linkcode normalization}. */
export interface NormalizationOptions extends LayerOptions {
  /** The axes of the batch `[batch, ...]` with numbers of their own; the last by default, null for none. */
  readonly axis?: number | readonly number[] | null;
  /** What is subtracted, one number or one for each feature; given together with `variance`. */
  readonly mean?: number | readonly number[];
  /** By whose root is divided; given together with `mean`. */
  readonly variance?: number | readonly number[];
  /** Whether the numbers come back from normalized ones; false by default. */
  readonly invert?: boolean;
}

/** Keeps deviations of constant features from 0, as in Keras. */
const EPSILON = 1e-7;

/**
 * Subtracts means and divides by standard deviations, which are given as options, or are the state of the layer (`mean`
 * and `variance`, 0 and 1 at first). {@linkcode adaptNormalization} makes the layer for data.
 *
 * @param options Axes, mean and variance, and whether to go back
 * @throws {TypeError} If mean is given without variance, or the other way round
 *
 * @example
 * ```ts
 * import { normalization, sequential } from "@tapegrad/tapegrad/nn";
 *
 * const model = sequential([normalization({ mean: [1, 2], variance: [4, 1] })]).build([2]);
 * console.log(model.predict([[3, 2]]).value); // [[1, 0]]
 * ```
 */
export const normalization: LayerFactory<NormalizationOptions> = defineOneInputLayer(
  "normalization",
  (options: NormalizationOptions) => {
    const read = readLayerOptions("normalization", options, {
      axis: undefined,
      mean: undefined,
      variance: undefined,
      invert: false,
    });
    if ((read.mean === undefined) !== (read.variance === undefined)) {
      throw new TypeError("Cannot make a normalization layer: give mean and variance, or neither");
    }
    const { mean = 0, variance = 1, invert } = read;
    for (const each of isList(mean) ? Array.from(mean) : [mean]) {
      readNumber("a normalization layer", "mean", each, FINITE);
    }
    for (const each of isList(variance) ? Array.from(variance) : [variance]) {
      readNumber("a normalization layer", "variance", each, { min: 0, below: Infinity });
    }
    return (x: Variable, c: Context) => {
      const axes = axesOf(read.axis, x.rank);
      const shape = axes.map((axis) => x.shape[axis] ?? 1);
      checkNumbers("mean", mean, shape);
      checkNumbers("variance", variance, shape);
      const along = (v: Variable): Variable =>
        v.reshape(x.shape.map((length, axis) => axes.includes(axis) ? length : 1));
      const center = along(c.state("mean", shape, startOf(mean)));
      const deviation = along(c.state("variance", shape, startOf(variance)))
        .sqrt().maximum(EPSILON);
      return invert ? x.mul(deviation).add(center) : x.sub(center).div(deviation);
    };
  },
);

/**
 * Makes a {@linkcode normalization} layer of the mean and variance of data. They are options of the layer, so that they
 * are part of its description, and start its state, so that they are saved with weights, too.
 *
 * @param data `[rows, ...]`
 * @param options The axes with numbers of their own, and whether to go back
 * @throws {TypeError} If there are no data
 *
 * @example
 * ```ts
 * import { adaptNormalization, sequential } from "@tapegrad/tapegrad/nn";
 *
 * const model = sequential([adaptNormalization([[1, 10], [3, 30]])]).build([2]);
 * console.log(model.predict([[1, 30]]).value); // [[-1, 1]]
 * ```
 */
export function adaptNormalization(
  data: Operand,
  options: Omit<NormalizationOptions, "mean" | "variance"> = {},
): ReturnType<typeof normalization> {
  checkLayerOptions("adaptNormalization", options, ["axis", "invert"]);
  const x = constant(data).cast("float64");
  if (x.size === 0 || x.rank < 2) {
    throw new TypeError(
      message`Cannot adapt a normalization layer to data of shape ${x.shape}: expected [rows, ...] with a row or more`,
    );
  }
  const axes = axesOf(options.axis, x.rank);
  const others = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  return noGrad(() => {
    const mean = x.mean({ axis: others, keepDims: true });
    const variance = x.sub(mean).square().mean({ axis: others });
    const numbers = (v: Variable): number | number[] => axes.length === 0 ? v.data[0] ?? 0 : [...v.data];
    return normalization({ ...options, mean: numbers(mean), variance: numbers(variance) });
  });
}

function axesOf(axis: number | readonly number[] | null | undefined, rank: number): number[] {
  if (axis === null) return [];
  return readFeatureAxes("normalization", axis ?? -1, rank);
}

/** Start values: one number for all features, or one for each. */
function startOf(given: number | readonly number[]): Initializer {
  return (_, shape, dtype) => {
    const numbers = constant(given, { dtype });
    return numbers.size === 1 ? numbers.reshape([]).broadcastTo(shape) : numbers.reshape(shape);
  };
}

function checkNumbers(name: string, given: number | readonly number[], shape: Shape): void {
  if (!isList(given) || given.length === 1 || given.length === sizeOf(shape)) return;
  throw new TypeError(
    message`Cannot apply a normalization layer: ${name} has ${given.length} numbers, the features have shape
    ${shape}`,
  );
}

/** Options of {@linkcode rescaling}. */
export interface RescalingOptions extends LayerOptions {
  /** The factor, or one for each channel. */
  readonly scale: number | readonly number[];
  /** What is added then, or a number for each channel; 0 by default. */
  readonly offset?: number | readonly number[];
}

/**
 * `x scale + offset`, as for images with numbers from 0 to 255.
 *
 * @param options The factor and the offset
 * @throws {TypeError} If one is no number
 *
 * @example
 * ```ts
 * import { rescaling, sequential } from "@tapegrad/tapegrad/nn";
 *
 * console.log(sequential([rescaling({ scale: 0.5, offset: -1 })]).build([2]).predict([[0, 4]]).value); // [[-1, 1]]
 * ```
 */
export const rescaling: LayerFactory<RescalingOptions> = defineOneInputLayer(
  "rescaling",
  (options: RescalingOptions) => {
    const read = readLayerOptions("rescaling", options, { scale: undefined, offset: 0 });
    const numbers = (name: string, value: number | readonly number[]): number | number[] =>
      isList(value)
        ? Array.from(value, (each) => readNumber("a rescaling layer", name, each, FINITE))
        : readNumber("a rescaling layer", name, value, FINITE);
    const scale = numbers("scale", read.scale);
    const offset = numbers("offset", read.offset);
    return (x: Variable) => x.mul(operandFor(scale, x)).add(operandFor(offset, x));
  },
);

function operandFor(value: number | number[], x: Variable): Operand {
  return typeof value === "number" ? value : constant(value, { dtype: x.dtype });
}

/** Options of {@linkcode categoryEncoding}. */
export interface CategoryEncodingOptions extends LayerOptions {
  /** The number of categories, which are integers from 0 to `numTokens - 1`. */
  readonly numTokens: number;
  /**
   * `"multiHot"` (1 for each category that an example has, the default), `"oneHot"` (a row for each integer; the last
   * axis goes if it has length 1), or `"count"` (how often it has each).
   */
  readonly outputMode?: "multiHot" | "oneHot" | "count";
}

/**
 * Integers `[batch, length]` as rows of zeros and ones or of counts, `[batch, numTokens]`. With `"count"` the input may
 * be an array of two, the integers and how much each of them counts.
 *
 * @param options The number of categories, and what is made of them
 * @throws {RangeError} If numTokens is no integer from 1 up; where it is applied, if an integer is out of range
 *
 * @example
 * ```ts
 * import { categoryEncoding, sequential } from "@tapegrad/tapegrad/nn";
 *
 * const model = sequential([categoryEncoding({ numTokens: 4 })]).build([2]);
 * console.log(model.predict([[0, 3]]).value); // [[1, 0, 0, 1]]
 * ```
 */
export const categoryEncoding: LayerFactory<CategoryEncodingOptions, Variable | readonly Variable[]> =
  defineLayer(
    "categoryEncoding",
    (options: CategoryEncodingOptions) => {
      const read = readLayerOptions("categoryEncoding", options, {
        numTokens: undefined,
        outputMode: "multiHot",
      });
      const count = readCount("categoryEncoding", "numTokens", read.numTokens);
      const mode = readName("categoryEncoding", "outputMode", read.outputMode, [
        "multiHot",
        "oneHot",
        "count",
      ]);
      return (input: Variable | readonly Variable[], c: Context) => {
        const [x, weights] = isList(input) ? input : [input as Variable];
        if (x === undefined || (weights !== undefined && mode !== "count")) {
          throw cannotMake("categoryEncoding", message`weights of counts need outputMode "count"`);
        }
        if (mode === "oneHot") {
          const tokens = x.rank > 1 && x.shape.at(-1) === 1 ? x.reshape(x.shape.slice(0, -1)) : x;
          return oneHot(tokens, count, { dtype: c.dtype });
        }
        const rows = oneHot(x, count, { dtype: c.dtype });
        const axis = x.rank - 1;
        if (mode === "multiHot") return rows.max({ axis });
        return (weights === undefined ? rows : rows.mul(weights.reshape([...weights.shape, 1]))).sum({
          axis,
        });
      };
    },
  );
