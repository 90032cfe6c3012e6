import { allocate, type DType } from "./dtype.ts";
import { NdArray } from "./nd_array.ts";
import { sizeOf } from "./shape.ts";

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
