/** Sums, products, extremes along axes: of whole axes, and up to each element. */
import { allocate, type DType } from "./dtype.ts";
import { fullArray, NdArray } from "./nd_array.ts";
import { reducedShape, type Shape, sizeOf } from "./shape.ts";
import { transposeArray } from "./strided_copy.ts";

/** Joins `count` numbers of `data` from `start` on, `stride` apart, into one. */
type RowReducer = (data: NdArray["data"], start: number, count: number, stride: number) => number;

/** Sums in blocks by pairs, so that the rounding error grows with the logarithm of the length. */
export function sumRow(data: NdArray["data"], start: number, count: number, stride: number): number {
  if (count > 256) {
    const half = (count >> 9 << 8) || 256;
    return sumRow(data, start, half, stride) + sumRow(data, start + half * stride, count - half, stride);
  }
  let a = 0, b = 0, c = 0, d = 0, i = 0, at = start;
  for (; i + 4 <= count; i += 4, at += 4 * stride) {
    a += data[at]!;
    b += data[at + stride]!;
    c += data[at + 2 * stride]!;
    d += data[at + 3 * stride]!;
  }
  for (; i < count; i++, at += stride) a += data[at]!;
  return (a + b) + (c + d);
}

function maxRow(data: NdArray["data"], start: number, count: number, stride: number): number {
  let result = -Infinity;
  for (let i = 0, at = start; i < count; i++, at += stride) {
    const x = data[at]!;
    if (x > result || x !== x) result = x;
    if (result !== result) break;
  }
  return result;
}

function minRow(data: NdArray["data"], start: number, count: number, stride: number): number {
  let result = Infinity;
  for (let i = 0, at = start; i < count; i++, at += stride) {
    const x = data[at]!;
    if (x < result || x !== x) result = x;
    if (result !== result) break;
  }
  return result;
}

function logSumExpRow(data: NdArray["data"], start: number, count: number, stride: number): number {
  const max = maxRow(data, start, count, stride);
  if (!Number.isFinite(max)) return max;
  let sum = 0;
  for (let i = 0, at = start; i < count; i++, at += stride) sum += Math.exp(data[at]! - max);
  return max + Math.log(sum);
}

/** Reduces `axes` (ascending) of an array by a rule for one row. */
function reduce(x: NdArray, axes: readonly number[], keepDims: boolean, row: RowReducer): NdArray {
  const shape = reducedShape(x.shape, axes, keepDims);
  const out = allocate(x.dtype, sizeOf(shape));
  const { source, outer, count, inner } = toBlocks(x, axes);
  for (let o = 0, at = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) out[at++] = row(source.data, o * count * inner + i, count, inner);
  }
  return new NdArray(out, shape);
}

/** Views an array as `[outer, count, inner]` with the reduced axes in the middle, moving axes if it must. */
function toBlocks(
  x: NdArray,
  axes: readonly number[],
): { source: NdArray; outer: number; count: number; inner: number } {
  const { shape } = x;
  const first = axes[0] ?? shape.length;
  const last = axes[axes.length - 1] ?? first - 1;
  const size = (from: number, to: number): number => sizeOf(shape.slice(from, to));
  if (last - first + 1 === axes.length) {
    return {
      source: x,
      outer: size(0, first),
      count: size(first, last + 1),
      inner: size(last + 1, shape.length),
    };
  }
  const kept = shape.map((_, i) => i).filter((i) => !axes.includes(i));
  const source = transposeArray(x, [...kept, ...axes]);
  const count = sizeOf(axes.map((axis) => shape[axis]!));
  return { source, outer: sizeOf(kept.map((axis) => shape[axis]!)), count, inner: 1 };
}

/** Sums along `axes`; the sum of nothing is 0. */
export function sumArray(x: NdArray, axes: readonly number[], keepDims: boolean): NdArray {
  return reduce(x, axes, keepDims, sumRow);
}

/** The largest element along `axes`; NaN wins. */
export function maxArray(x: NdArray, axes: readonly number[], keepDims: boolean): NdArray {
  return reduce(x, axes, keepDims, maxRow);
}

/** The smallest element along `axes`; NaN wins. */
export function minArray(x: NdArray, axes: readonly number[], keepDims: boolean): NdArray {
  return reduce(x, axes, keepDims, minRow);
}

/** The logarithm of the sum of exponentials along `axes`, without overflow. */
export function logSumExpArray(x: NdArray, axes: readonly number[], keepDims: boolean): NdArray {
  return reduce(x, axes, keepDims, logSumExpRow);
}

/** The product along an axis; the product of nothing is 1. */
export function prodArray(x: NdArray, axis: number): NdArray {
  return reduce(x, [axis], false, (data, start, count, stride) => {
    let product = 1;
    for (let i = 0, at = start; i < count; i++, at += stride) product *= data[at]!;
    return product;
  });
}

/** `sum(abs(x) ** order) ** (1 / order)` along `axes`, without overflow. */
export function normArray(x: NdArray, order: number, axes: readonly number[], keepDims: boolean): NdArray {
  return reduce(x, axes, keepDims, (data, start, count, stride) => {
    let largest = 0;
    for (let i = 0, at = start; i < count; i++, at += stride) {
      const size = Math.abs(data[at]!);
      if (size > largest || size !== size) largest = size;
      if (largest !== largest) return NaN;
    }
    if (largest === 0 || largest === Infinity) return largest;
    // A power of two scales without rounding.
    const scale = 2 ** -Math.max(-1022, Math.min(1022, Math.floor(Math.log2(largest))));
    let sum = 0;
    for (let i = 0, at = start; i < count; i++, at += stride) {
      const size = Math.abs(data[at]!) * scale;
      sum += order === 2 ? size * size : size ** order;
    }
    return (order === 2 ? Math.sqrt(sum) : sum ** (1 / order)) / scale;
  });
}

/** Undoes a broadcast: sums over the axes along which an array of `shape` was repeated. */
export function sumToShape(x: NdArray, shape: Shape): NdArray {
  const lead = x.shape.length - shape.length;
  const axes: number[] = [];
  for (let i = 0; i < x.shape.length; i++) {
    if (i < lead || (shape[i - lead] === 1 && x.shape[i] !== 1)) axes.push(i);
  }
  if (axes.length === 0) return x;
  if (x.size === 0) return fullArray(shape, 0, x.dtype);
  return sumArray(x, axes, true).withShape(shape);
}

/** How to step through an array along an axis: from a start, `count` elements that lie `stride` apart. */
interface Line {
  readonly count: number;
  readonly stride: number;
  /** Where the first element (of a walk backwards: the last) lies after the start of the line. */
  readonly first: number;
  /** The stride with the sign of the direction. */
  readonly move: number;
}

function lineOf({ shape }: NdArray, axis: number, reverse: boolean): Line {
  const count = shape[axis]!;
  const stride = sizeOf(shape.slice(axis + 1));
  return reverse
    ? { count, stride, first: (count - 1) * stride, move: -stride }
    : { count, stride, first: 0, move: stride };
}

/** Sums up to each element along an axis, from the start or from the end. */
export function cumSumArray(x: NdArray, axis: number, reverse: boolean): NdArray {
  const out = allocate(x.dtype, x.size);
  const { data } = x;
  const { count, stride, first, move } = lineOf(x, axis, reverse);
  for (let block = 0; block < out.length; block += count * stride) {
    for (let c = 0; c < stride; c++) {
      let sum = 0;
      for (let i = 0, at = block + c + first; i < count; i++, at += move) out[at] = sum += data[at]!;
    }
  }
  return new NdArray(out, x.shape);
}

/** Products up to each element along an axis, from the start or from the end. */
export function cumProdArray(x: NdArray, axis: number, reverse: boolean): NdArray {
  const out = allocate(x.dtype, x.size);
  const { data } = x;
  const { count, stride, first, move } = lineOf(x, axis, reverse);
  for (let block = 0; block < out.length; block += count * stride) {
    for (let c = 0; c < stride; c++) {
      let product = 1;
      for (let i = 0, at = block + c + first; i < count; i++, at += move) out[at] = product *= data[at]!;
    }
  }
  return new NdArray(out, x.shape);
}

/** Logarithms of the sums of exponentials up to each element along an axis, from the start or from the end. */
export function logCumSumExpArray(x: NdArray, axis: number, reverse: boolean): NdArray {
  const out = allocate(x.dtype, x.size);
  const { data } = x;
  const { count, stride, first, move } = lineOf(x, axis, reverse);
  for (let block = 0; block < out.length; block += count * stride) {
    for (let c = 0; c < stride; c++) {
      // The sum so far is `sum * exp(largest)`.
      let largest = -Infinity;
      let sum = 0;
      for (let i = 0, at = block + c + first; i < count; i++, at += move) {
        const value = data[at]!;
        if (value > largest) {
          sum = sum * Math.exp(largest - value) + 1;
          largest = value;
        } else if (value !== largest) sum += Math.exp(value - largest);
        else if (value !== -Infinity) sum += 1;
        out[at] = largest + Math.log(sum);
      }
    }
  }
  return new NdArray(out, x.shape);
}

/** `y[i] = a[i] * y[i - 1] + b[i]` along an axis, from 0, or from the end with `y[i + 1]`. */
export function linearRecurrenceArray(
  a: NdArray,
  b: NdArray,
  axis: number,
  reverse: boolean,
  dtype: DType,
): NdArray {
  const out = allocate(dtype, b.size);
  const { count, stride, first, move } = lineOf(b, axis, reverse);
  for (let block = 0; block < out.length; block += count * stride) {
    for (let c = 0; c < stride; c++) {
      let at = block + c + first;
      let y = out[at] = b.data[at]!;
      for (let i = 1; i < count; i++) {
        at += move;
        out[at] = y = a.data[at]! * y + b.data[at]!;
      }
    }
  }
  return new NdArray(out, b.shape);
}

/** For each element the index of the largest one up to it along an axis: of equal ones the last, NaN wins. */
export function argCumMaxArray(x: NdArray, axis: number): NdArray {
  const out = allocate("float64", x.size);
  const { data } = x;
  const { count, stride } = lineOf(x, axis, false);
  for (let block = 0; block < out.length; block += count * stride) {
    for (let c = 0; c < stride; c++) {
      let best = data[block + c]!;
      let index = 0;
      for (let i = 0, at = block + c; i < count; i++, at += stride) {
        const value = data[at]!;
        if (value >= best || value !== value) {
          best = value;
          index = i;
        }
        out[at] = index;
      }
    }
  }
  return new NdArray(out, x.shape);
}
