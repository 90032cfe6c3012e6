import { allocate, type FloatArray } from "./dtype.ts";
import { NdArray } from "./nd_array.ts";
import { countUp, radixOrder } from "./radix_sort.ts";
import { reducedShape, sizeOf } from "./shape.ts";

/** Index of the largest element along an axis: of equal ones the first, and the first NaN before all. */
export function argMaxArray(x: NdArray, axis: number): NdArray {
  const shape = reducedShape(x.shape, [axis], false);
  const out = allocate("float64", sizeOf(shape));
  const count = x.shape[axis]!;
  const inner = sizeOf(x.shape.slice(axis + 1));
  for (let block = 0, at = 0; at < out.length; block += count * inner) {
    for (let c = 0; c < inner; c++) {
      let best = x.data[block + c]!;
      let index = 0;
      for (let i = 1, p = block + c + inner; i < count && best === best; i++, p += inner) {
        const value = x.data[p]!;
        if (value > best || value !== value) {
          best = value;
          index = i;
        }
      }
      out[at++] = index;
    }
  }
  return new NdArray(out, shape);
}

/** The indices that sort an array along an axis: equal elements stay in order, NaN counts as the largest. */
export function argSortArray(x: NdArray, axis: number, descending: boolean): NdArray {
  const out = allocate("float64", x.size);
  const count = x.shape[axis]!;
  const inner = sizeOf(x.shape.slice(axis + 1));
  const keys = allocate(x.dtype, count);
  for (let block = 0; block < out.length; block += count * inner) {
    for (let c = 0; c < inner; c++) {
      for (let i = 0, at = block + c; i < count; i++, at += inner) keys[i] = x.data[at]!;
      const order = (count < MANY ? mergeOrder : radixOrder)(keys, descending);
      for (let i = 0, at = block + c; i < count; i++, at += inner) out[at] = order[i]!;
    }
  }
  return new NdArray(out, x.shape);
}

/** The count from which on sorting by digits is faster than by comparing. */
const MANY = 1500;

/** Whether `b` must come before `a`, which stands before it. */
function mustSwap(a: number, b: number, descending: boolean): boolean {
  return descending ? a < b || (b !== b && a === a) : b < a || (a !== a && b === b);
}

/** Length of the runs that are sorted by insertion before they are merged. */
const RUN = 16;

/** The order that sorts numbers, by merging from the bottom up. */
function mergeOrder(keys: FloatArray, descending: boolean): Int32Array {
  const { length } = keys;
  const order = countUp(length);
  for (let start = 0; start < length; start += RUN) {
    const end = Math.min(start + RUN, length);
    for (let i = start + 1; i < end; i++) {
      const index = order[i]!;
      const key = keys[index]!;
      let at = i;
      for (; at > start && mustSwap(keys[order[at - 1]!]!, key, descending); at--) order[at] = order[at - 1]!;
      order[at] = index;
    }
  }
  let from = order;
  let to = new Int32Array(length);
  for (let width = RUN; width < length; width *= 2) {
    for (let start = 0; start < length; start += 2 * width) {
      const middle = Math.min(start + width, length);
      const end = Math.min(start + 2 * width, length);
      for (let i = start, j = middle, at = start; at < end; at++) {
        const right = i === middle ||
          (j < end && mustSwap(keys[from[i]!]!, keys[from[j]!]!, descending));
        to[at] = right ? from[j++]! : from[i++]!;
      }
    }
    [from, to] = [to, from];
  }
  return from;
}

/** Where each value would go into an ascending row so that it stays ascending; NaN counts as the largest. */
export function searchSortedArray(sorted: FloatArray, values: NdArray, right: boolean): NdArray {
  const out = allocate("float64", values.size);
  for (let k = 0; k < out.length; k++) {
    const value = values.data[k]!;
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const before = right
        ? !mustSwap(sorted[middle]!, value, false)
        : mustSwap(value, sorted[middle]!, false);
      if (before) low = middle + 1;
      else high = middle;
    }
    out[k] = low;
  }
  return new NdArray(out, values.shape);
}
