import { allocate, type DType } from "../dtype.ts";
import { NdArray } from "../nd_array.ts";
import { sizeOf } from "../shape.ts";

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
