import { describeValue } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import { readList, readNumber } from "../../_internal/readers/mod.ts";
import type { Shape } from "../../array/shape.ts";
import { bernoulli, dropout as drop, type Key, normal } from "../../random/mod.ts";
import type { Variable } from "../../variable/mod.ts";
import type { Context } from "../core/context.ts";
import type { LayerFactory, LayerOptions } from "../core/layer.ts";
import { defineOneInputLayer } from "./_one_input.ts";
import { cannotMake, checkRank, readCount, readLayerOptions } from "./_options.ts";

/** Options of {@linkcode gaussianDropout} and of the spatial dropouts. */
export interface RateOptions extends LayerOptions {
  /** The probability with which an element is dropped in training, from 0 to below 1. */
  readonly rate: number;
}

/** Options of {@linkcode dropout}. */
export interface DropoutOptions extends RateOptions {
  /**
   * The shape of what is drawn, the batch included: 1 where all elements along an axis are dropped together, null where
   * the axis is that of the input. By default every element is drawn.
   */
  readonly noiseShape?: readonly (number | null)[];
}

/**
 * Drops elements at random in training and enlarges the others; else it does nothing. Every step has a key of its
 * own, which follows from the model's seed.
 *
 * @param options The rate, and which elements are dropped together
 * @throws {RangeError} If the rate is not from 0 to below 1
 *
 * @example
 * ```ts
 * import { dropout, sequential } from "@tapegrad/tapegrad/nn";
 *
 * console.log(sequential([dropout({ rate: 0.5 })]).build([2]).predict([[1, 2]]).value); // [[1, 2]]
 * ```
 */
export const dropout: LayerFactory<DropoutOptions> = defineOneInputLayer(
  "dropout",
  (options: DropoutOptions) => {
    const read = readLayerOptions("dropout", options, { rate: undefined, noiseShape: undefined });
    const rate = readRate("dropout", read.rate);
    const { noiseShape } = read;
    if (noiseShape !== undefined) {
      readList("a dropout layer", "noiseShape", noiseShape, 1)
        .forEach((length) => length === null || readCount("dropout", "noiseShape", length));
    }
    return (x: Variable, c: Context) => {
      const noise = noiseShape === undefined ? undefined : readNoiseShape(noiseShape, x.shape);
      if (!c.training || rate === 0) return x;
      return noise === undefined ? drop(c.key(), x, rate) : dropTogether(c.key(), x, rate, noise);
    };
  },
);

/**
 * Drops whole channels of sequences `[batch, steps, channels]` at random in training.
 * Source: Tompson et al., https://arxiv.org/abs/1411.4280
 *
 * @param options The rate
 * @throws {RangeError} If the rate is not from 0 to below 1
 *
 * @example
 * ```ts
 * import { input, spatialDropout1d } from "@tapegrad/tapegrad/nn";
 *
 * console.log(spatialDropout1d({ rate: 0.5 }).apply(input({ shape: [5, 3] })).shape); // [5, 3]
 * ```
 */
export const spatialDropout1d: LayerFactory<RateOptions> = defineSpatialDropout(
  "spatialDropout1d",
  "[steps, channels]",
  3,
);

/**
 * Drops whole channels of images `[batch, height, width, channels]` at random in training.
 * Source: Tompson et al., https://arxiv.org/abs/1411.4280
 *
 * @param options The rate
 * @throws {RangeError} If the rate is not from 0 to below 1
 *
 * @example
 * ```ts
 * import { input, spatialDropout2d } from "@tapegrad/tapegrad/nn";
 *
 * console.log(spatialDropout2d({ rate: 0.5 }).apply(input({ shape: [5, 5, 3] })).shape); // [5, 5, 3]
 * ```
 */
export const spatialDropout2d: LayerFactory<RateOptions> = defineSpatialDropout(
  "spatialDropout2d",
  "[height, width, channels]",
  4,
);

/**
 * Multiplies in training by random numbers of mean 1 and variance `rate / (1 - rate)`, as those of dropout have.
 * Source: Srivastava et al., Dropout, 2014, section 10
 *
 * @param options The rate
 * @throws {RangeError} If the rate is not from 0 to below 1
 *
 * @example
 * ```ts
 * import { gaussianDropout, sequential } from "@tapegrad/tapegrad/nn";
 *
 * console.log(sequential([gaussianDropout({ rate: 0.5 })]).build([2]).predict([[1, 2]]).value); // [[1, 2]]
 * ```
 */
export const gaussianDropout: LayerFactory<RateOptions> = defineOneInputLayer(
  "gaussianDropout",
  (options: RateOptions) => {
    const read = readLayerOptions("gaussianDropout", options, { rate: undefined });
    const rate = readRate("gaussianDropout", read.rate);
    const standardDeviation = Math.sqrt(rate / (1 - rate));
    return (x: Variable, c: Context) =>
      c.training && rate > 0
        ? x.mul(normal(c.key(), x.shape, { mean: 1, standardDeviation, dtype: x.dtype }))
        : x;
  },
);

/** Options of {@linkcode gaussianNoise}. */
export interface GaussianNoiseOptions extends LayerOptions {
  /** The standard deviation of what is added. */
  readonly stddev: number;
}

/**
 * Adds normally distributed random numbers in training.
 *
 * @param options Their standard deviation
 * @throws {RangeError} If it is negative
 *
 * @example
 * ```ts
 * import { gaussianNoise, sequential } from "@tapegrad/tapegrad/nn";
 *
 * console.log(sequential([gaussianNoise({ stddev: 0.1 })]).build([2]).predict([[1, 2]]).value); // [[1, 2]]
 * ```
 */
export const gaussianNoise: LayerFactory<GaussianNoiseOptions> = defineOneInputLayer(
  "gaussianNoise",
  (options: GaussianNoiseOptions) => {
    const { stddev } = readLayerOptions("gaussianNoise", options, { stddev: undefined });
    readNumber("a gaussianNoise layer", "stddev", stddev, { min: 0, below: Infinity });
    return (x: Variable, c: Context) =>
      c.training && stddev > 0
        ? x.add(normal(c.key(), x.shape, { standardDeviation: stddev, dtype: x.dtype }))
        : x;
  },
);

function defineSpatialDropout(kind: string, axes: string, rank: number): LayerFactory<RateOptions> {
  return defineOneInputLayer(kind, (options: RateOptions) => {
    const rate = readRate(kind, readLayerOptions(kind, options, { rate: undefined }).rate);
    return (x: Variable, c: Context) => {
      checkRank(kind, x.shape, rank, axes);
      if (!c.training || rate === 0) return x;
      const noise = x.shape.map((length, axis) => axis === 0 || axis === rank - 1 ? length : 1);
      return dropTogether(c.key(), x, rate, noise);
    };
  });
}

/** Reads a rate of dropping. */
export function readRate(kind: string, rate: unknown): number {
  if (typeof rate === "number" && rate >= 0 && rate < 1) return rate;
  throw cannotMake(kind, message`the rate is ${describeValue(rate)}, use a number from 0 to below 1`);
}

/** Drops elements of a shape that broadcasts to that of x. */
export function dropTogether(key: Key, x: Variable, rate: number, shape: Shape): Variable {
  const kept = bernoulli(key, shape, { probability: 1 - rate, dtype: x.dtype });
  return kept.broadcastTo(x.shape).where(x.div(1 - rate), 0);
}

function readNoiseShape(noise: readonly (number | null)[], shape: Shape): number[] {
  const read = noise.map((length, axis) => length ?? shape[axis] ?? 1);
  if (read.length === shape.length && read.every((n, i) => n === 1 || n === shape[i])) {
    return read;
  }
  throw new TypeError(
    message`Cannot apply a dropout layer to a batch of shape ${shape}: noiseShape ${
      noise.map(String).join(", ")
    } does not broadcast to it`,
  );
}
