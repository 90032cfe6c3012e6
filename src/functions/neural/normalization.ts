import { message } from "../../_internal/message.ts";
import {
  POSITIVE,
  readAxes,
  readAxis,
  readInteger,
  readNumber,
  readOptions,
} from "../../_internal/readers/mod.ts";
import { sizeOf } from "../../array/shape.ts";
import { operation as op } from "../../primitives/mod.ts";
import { apply } from "../../variable/apply.ts";
import { stopGradient } from "../../variable/creation.ts";
import { readOptionalOperands } from "../../variable/operands.ts";
import type {
  BatchNormOptions,
  BatchNormResult,
  LayerNormOptions,
  ScaleOptions,
} from "../../variable/signatures/neural.ts";
import type { Operand, Variable } from "../../variable/variable.ts";

/** Options that all have: leaving scale or offset out is not the same as 1 or 0. */
const SCALE = { scale: undefined, offset: undefined } as const;

const EACH = { ...SCALE, axis: -1 } as const;

/**
 * Layer normalization, `(x - mean) / sqrt(variance + epsilon) * scale + offset` over the last axis or those
 * that are named. Source: Ba et al., https://arxiv.org/abs/1607.06450
 *
 * @param x Any shape of at least one axis
 * @param options `axis`, `scale`, `offset`, and `epsilon` (1e-5 by default)
 * @returns The same shape
 * @throws {RangeError} If x has no such axis, or epsilon is not positive
 * @throws {TypeError} If scale or offset do not broadcast to the shape of x
 *
 * @example
 * ```ts
 * import { layerNorm } from "@tapegrad/tapegrad";
 *
 * const y = layerNorm([[1, 3], [2, 8]], { scale: [2, 2], offset: [0, 1] });
 * console.log(y.round().value); // [[-2, 3], [-2, 3]]
 * ```
 */
export function layerNorm(x: Operand, options?: LayerNormOptions): Variable {
  return normalizeEach("layerNorm", x, readOptions("layerNorm", options, { ...EACH, epsilon: 1e-5 }), true);
}

/**
 * Root-mean-square normalization, `x / sqrt(mean(x^2) + epsilon) * scale` over the last axis or those that
 * are named. Source: Zhang and Sennrich, https://arxiv.org/abs/1910.07467
 *
 * @param x Any shape of at least one axis
 * @param options `axis`, `scale`, `offset`, and `epsilon` (1e-6 by default)
 * @returns The same shape
 * @throws {RangeError} If x has no such axis, or epsilon is not positive
 * @throws {TypeError} If scale or offset do not broadcast to the shape of x
 *
 * @example
 * ```ts
 * import { rmsNorm } from "@tapegrad/tapegrad";
 *
 * console.log(rmsNorm([3, -3], { epsilon: 1e-30 }).value); // [1, -1]
 * ```
 */
export function rmsNorm(x: Operand, options?: LayerNormOptions): Variable {
  return normalizeEach("rmsNorm", x, readOptions("rmsNorm", options, { ...EACH, epsilon: 1e-6 }), false);
}

/**
 * Batch normalization with statistics that are given, as when a trained model is used:
 * `(x - mean) / sqrt(variance + epsilon) * scale + offset` for each channel.
 * Source: Ioffe and Szegedy, https://arxiv.org/abs/1502.03167
 *
 * @param x `[batch, ..., channels]`, or with the channels on another axis
 * @param mean `[channels]`
 * @param variance `[channels]`
 * @param options `axis`, `scale` and `offset` `[channels]`, and `epsilon` (1e-5 by default)
 * @returns The same shape
 * @throws {RangeError} If x has no such axis, or epsilon is not positive
 * @throws {TypeError} If an operand has not one number for each channel
 *
 * @example
 * ```ts
 * import { batchNorm } from "@tapegrad/tapegrad";
 *
 * console.log(batchNorm([[1, 2], [3, 4]], [1, 2], [4, 1], { epsilon: 1e-30 }).value); // [[0, 0], [1, 2]]
 * ```
 */
export function batchNorm(
  x: Operand,
  mean: Operand,
  variance: Operand,
  options?: BatchNormOptions,
): Variable {
  const { axis, scale, offset, epsilon } = readOptions("batchNorm", options, { ...EACH, epsilon: 1e-5 });
  readNumber("batchNorm", "epsilon", epsilon, POSITIVE);
  const [values, center, spread, factors, shift] = readOptionalOperands([x, mean, variance], [scale, offset]);
  const channels = readAxis("batchNorm", axis, values.rank);
  const column = (v: Variable): Variable => perChannel("batchNorm", values, v, channels);
  const factor = column(spread).add(epsilon).rsqrt();
  const scaled = factors === undefined ? factor : factor.mul(column(factors));
  const result = values.sub(column(center)).mul(scaled);
  return shift === undefined ? result : result.add(column(shift));
}

/**
 * Batch normalization with the statistics of the batch itself, as in training. The statistics are returned
 * for running averages, which are the caller's.
 * Source: Ioffe and Szegedy, https://arxiv.org/abs/1502.03167
 *
 * @param x `[batch, ..., channels]`, or with the channels on another axis
 * @param options `axis`, `scale` and `offset` `[channels]`, and `epsilon` (1e-5 by default)
 * @returns The output, of the same shape, and mean and variance of each channel. PyTorch keeps running
 * averages of `variance * n / (n - 1)`, n elements for each channel.
 * @throws {RangeError} If x has no such axis, or epsilon is not positive
 * @throws {TypeError} If an operand has not one number for each channel
 *
 * @example
 * ```ts
 * import { batchNormTraining } from "@tapegrad/tapegrad";
 *
 * const { mean, variance } = batchNormTraining([[1, 2], [3, 6]]);
 * console.log(mean.value, variance.value); // [2, 4] [1, 4]
 * ```
 */
export function batchNormTraining(
  x: Operand,
  options?: BatchNormOptions,
): BatchNormResult {
  const { axis, scale, offset, epsilon } = readOptions("batchNormTraining", options, {
    ...EACH,
    epsilon: 1e-5,
  });
  const [values, factors, shift] = readOptionalOperands([x], [scale, offset]);
  const channels = readAxis("batchNormTraining", axis, values.rank);
  const others = values.shape.map((_, i) => i).filter((i) => i !== channels);
  const column = (v: Variable | undefined): Variable | undefined =>
    v === undefined ? v : perChannel("batchNormTraining", values, v, channels);
  const normalized = normalizeAlong("batchNormTraining", values, others, epsilon, true);
  const fixed = stopGradient(values);
  const mean = fixed.mean({ axis: others, keepDims: true });
  const variance = fixed.sub(mean).square().mean({ axis: others });
  return {
    output: rescale("batchNormTraining", normalized, column(factors), column(shift)),
    mean: mean.reshape([mean.size]),
    variance,
  };
}

/**
 * Group normalization: each example's channels fall into groups of neighbours, which are normalized together
 * over all pixels. Source: Wu and He, https://arxiv.org/abs/1803.08494
 *
 * @param x `[batch, ..., channels]`
 * @param groups The number of groups, which divides the number of channels
 * @param options `scale` and `offset` `[channels]`, and `epsilon` (1e-5 by default)
 * @returns The same shape
 * @throws {RangeError} If groups does not divide the number of channels, or epsilon is not positive
 * @throws {TypeError} If x has fewer than two axes, or scale or offset do not broadcast to its shape
 *
 * @example
 * ```ts
 * import { groupNorm } from "@tapegrad/tapegrad";
 *
 * const y = groupNorm([[1, 3, 10, 20]], 2);
 * console.log(y.round().value); // [[-1, 1, -1, 1]]
 * ```
 */
export function groupNorm(x: Operand, groups: number, options?: ScaleOptions): Variable {
  const { scale, offset, epsilon } = readOptions("groupNorm", options, { ...SCALE, epsilon: 1e-5 });
  const [values, factors, shift] = readOptionalOperands([x], [scale, offset]);
  checkRank("groupNorm", values, 2, "[batch, ..., channels]");
  const channels = values.shape.at(-1)!;
  if (channels % readInteger("groupNorm", "the number of groups", groups, 1) !== 0) {
    throw new RangeError(
      message`Cannot apply groupNorm: ${groups} groups do not divide the ${channels}
      channels of shape ${values.shape}`,
    );
  }
  const batch = values.shape[0]!;
  const pixels = sizeOf(values.shape.slice(1, -1));
  const grouped = values.reshape([batch, pixels, groups, channels / groups]);
  const normalized = normalizeAlong("groupNorm", grouped, [1, 3], epsilon, true);
  return rescale("groupNorm", normalized.reshape(values.shape), factors, shift);
}

/**
 * Instance normalization: each channel of each example is normalized over all pixels.
 * Source: Ulyanov et al., https://arxiv.org/abs/1607.08022
 *
 * @param x `[batch, ..., channels]` with at least one axis between
 * @param options `scale` and `offset` `[channels]`, and `epsilon` (1e-5 by default)
 * @returns The same shape
 * @throws {RangeError} If epsilon is not positive
 * @throws {TypeError} If x has fewer than three axes, or scale or offset do not broadcast to its shape
 *
 * @example
 * ```ts
 * import { instanceNorm } from "@tapegrad/tapegrad";
 *
 * const y = instanceNorm([[[1, 5], [3, 9]]]);
 * console.log(y.round().value); // [[[-1, -1], [1, 1]]]
 * ```
 */
export function instanceNorm(x: Operand, options?: ScaleOptions): Variable {
  const { scale, offset, epsilon } = readOptions("instanceNorm", options, { ...SCALE, epsilon: 1e-5 });
  const [values, factors, shift] = readOptionalOperands([x], [scale, offset]);
  checkRank("instanceNorm", values, 3, "[batch, ..., channels] with pixels between");
  const pixels = values.shape.map((_, i) => i).slice(1, -1);
  const normalized = normalizeAlong("instanceNorm", values, pixels, epsilon, true);
  return rescale("instanceNorm", normalized, factors, shift);
}

/** Normalizes along the axes of the options, then scales and shifts. */
function normalizeEach(
  operation: string,
  x: Operand,
  { axis, scale, offset, epsilon }: LayerNormOptions,
  center: boolean,
): Variable {
  const [values, factors, shift] = readOptionalOperands([x], [scale, offset]);
  const axes = readAxes(operation, axis, values.rank);
  return rescale(operation, normalizeAlong(operation, values, axes, epsilon, center), factors, shift);
}

function normalizeAlong(
  operation: string,
  x: Variable,
  axes: readonly number[],
  epsilon: number | undefined,
  center: boolean,
): Variable {
  return apply(op.normalize, [x], {
    axes,
    epsilon: readNumber(operation, "epsilon", epsilon, POSITIVE),
    center,
  });
}

function checkRank(operation: string, { shape, rank }: Variable, least: number, layout: string): void {
  if (rank >= least) return;
  throw new TypeError(
    message`Cannot apply ${operation}: the operand has shape ${shape}, expected ${layout}`,
  );
}

/** Multiplies by the scale and adds the offset, which may not enlarge the result. */
function rescale(
  operation: string,
  x: Variable,
  scale: Variable | undefined,
  offset: Variable | undefined,
): Variable {
  const scaled = scale === undefined ? x : x.mul(scale);
  const result = offset === undefined ? scaled : scaled.add(offset);
  if (result.size === x.size && result.rank === x.rank) return result;
  throw new TypeError(
    message`Cannot apply ${operation}: scale of shape ${scale?.shape ?? []} and offset of
    shape ${offset?.shape ?? []} do not broadcast to ${x.shape}`,
  );
}

/** A number for each channel, shaped to broadcast over the other axes. */
function perChannel(operation: string, x: Variable, values: Variable, axis: number): Variable {
  const channels = x.shape[axis]!;
  if (values.rank !== 1 || values.size !== channels) {
    throw new TypeError(
      message`Cannot apply ${operation}: an operand has shape ${values.shape}, expected
      [${channels}], one number for each channel on axis ${axis} of shape ${x.shape}`,
    );
  }
  return values.reshape(x.shape.map((length, i) => i === axis ? length : 1));
}
