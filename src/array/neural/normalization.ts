/** Numbers brought to a mean and a deviation, or to shares of 1. */
import { allocate, type DType, type FloatArray } from "../dtype.ts";
import { NdArray } from "../nd_array.ts";
import { reducedShape, type Shape, sizeOf } from "../shape.ts";
import { transposeArray } from "../strided_copy.ts";

/** What numbers are brought to: mean square 1, and mean 0 if they are centered. */
export interface Normalization {
  /** The axes that are normalized together, ascending. */
  readonly axes: readonly number[];
  /** Added to the mean square before its root is taken. */
  readonly epsilon: number;
  /** Whether the mean is subtracted first. */
  readonly center: boolean;
}

/** An array seen as `[outer, count, inner]`, to be normalized along the middle. */
interface Blocks {
  readonly source: NdArray;
  /** The order of axes that `source` was brought into; null if it is the array itself. */
  readonly order: readonly number[] | null;
  readonly outer: number;
  readonly count: number;
  readonly inner: number;
}

function blocksOf(x: NdArray, axes: readonly number[]): Blocks {
  const { shape } = x;
  const count = sizeOf(axes.map((axis) => shape[axis]!));
  const first = axes[0] ?? shape.length;
  if (axes.every((axis, i) => axis === first + i)) {
    const outer = sizeOf(shape.slice(0, first));
    return { source: x, order: null, outer, count, inner: sizeOf(shape.slice(first + axes.length)) };
  }
  const kept = shape.map((_, i) => i).filter((i) => !axes.includes(i));
  const order = [...kept, ...axes];
  const outer = sizeOf(kept.map((axis) => shape[axis]!));
  return { source: transposeArray(x, order), order, outer, count, inner: 1 };
}

/** Finds the mean (0 if not centered) and the factor `1 / sqrt(mean square + epsilon)` of each column. */
function findMoments(
  data: FloatArray,
  start: number,
  { count, inner }: Blocks,
  { center, epsilon }: Normalization,
  means: Float64Array,
  factors: Float64Array,
): void {
  means.fill(0);
  factors.fill(0);
  const end = start + count * inner;
  if (center && count > 0) {
    for (let at = start; at < end; at += inner) {
      for (let i = 0; i < inner; i++) means[i]! += data[at + i]!;
    }
    for (let i = 0; i < inner; i++) means[i]! /= count;
  }
  for (let at = start; at < end; at += inner) {
    for (let i = 0; i < inner; i++) {
      const deviation = data[at + i]! - means[i]!;
      factors[i]! += deviation * deviation;
    }
  }
  for (let i = 0; i < inner; i++) factors[i] = 1 / Math.sqrt(factors[i]! / Math.max(count, 1) + epsilon);
}

/** `(x - mean) / sqrt(variance + epsilon)` along axes; without centering, x over its root mean square. */
export function normalizeArray(x: NdArray, normalization: Normalization, dtype: DType): NdArray {
  const blocks = blocksOf(x, normalization.axes);
  const { source, order, outer, count, inner } = blocks;
  const { data } = source;
  const out = allocate(dtype, data.length);
  const means = new Float64Array(inner);
  const factors = new Float64Array(inner);
  for (let o = 0; o < outer; o++) {
    const start = o * count * inner;
    findMoments(data, start, blocks, normalization, means, factors);
    const end = start + count * inner;
    for (let at = start; at < end; at += inner) {
      for (let i = 0; i < inner; i++) out[at + i] = (data[at + i]! - means[i]!) * factors[i]!;
    }
  }
  const result = new NdArray(out, source.shape);
  return order === null ? result : transposeArray(result, x.shape.map((_, i) => order.indexOf(i)));
}

/** `1 / sqrt(variance + epsilon)` along axes, which stay with length 1; without centering, of the mean square. */
export function inverseDeviationArray(x: NdArray, normalization: Normalization, dtype: DType): NdArray {
  const blocks = blocksOf(x, normalization.axes);
  const { source, outer, count, inner } = blocks;
  const shape: Shape = reducedShape(x.shape, normalization.axes, true);
  const out = allocate(dtype, outer * inner);
  const means = new Float64Array(inner);
  const factors = new Float64Array(inner);
  for (let o = 0; o < outer; o++) {
    findMoments(source.data, o * count * inner, blocks, normalization, means, factors);
    out.set(factors, o * inner);
  }
  return new NdArray(out, shape);
}

/** The softmax along an axis, or its logarithm: exponentials are taken of what is left below the maximum. */
export function softmaxArray({ data, shape }: NdArray, axis: number, log: boolean, dtype: DType): NdArray {
  const out = allocate(dtype, data.length);
  const outer = sizeOf(shape.slice(0, axis));
  const count = shape[axis]!;
  const inner = sizeOf(shape.slice(axis + 1));
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const start = o * count * inner + i;
      const end = start + count * inner;
      let max = -Infinity;
      for (let at = start; at < end; at += inner) if (data[at]! > max) max = data[at]!;
      let sum = 0;
      if (log) {
        for (let at = start; at < end; at += inner) sum += Math.exp(data[at]! - max);
        const logarithm = Math.log(sum);
        for (let at = start; at < end; at += inner) out[at] = data[at]! - max - logarithm;
      } else {
        for (let at = start; at < end; at += inner) sum += out[at] = Math.exp(data[at]! - max);
        for (let at = start; at < end; at += inner) out[at]! /= sum;
      }
    }
  }
  return new NdArray(out, shape);
}
