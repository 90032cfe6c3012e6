/** The order of elements along an axis, and places in it. */
import { allocate, dtypeOf, type FloatArray } from "./dtype.ts";
import { NdArray } from "./nd_array.ts";
import { reducedShape, sizeOf } from "./shape.ts";

/** The bits of a digit, few enough for its counts to stay in the nearest cache. */
const BITS = 11;
const BUCKETS = 1 << BITS;
/** The bits of a word. */
const ALL = 0xffffffff;
const SIGN = 0x80000000;
const SHIFTS = [0, BITS, 2 * BITS];

/**
 * The order that sorts numbers, found digit by digit from the lowest one (Knuth, The Art of Computer Programming 3,
 * section 5.2.5): equal numbers stay in order, and NaN counts as the largest. Its time grows as the count does, that of
 * a sort by comparing faster.
 */
export function radixOrder(numbers: FloatArray, descending: boolean): Int32Array {
  let order = countUp(numbers.length);
  for (const words of keysOf(numbers, descending)) order = sortByWord(words, order);
  return order;
}

/** 0, 1, 2 and so on. */
export function countUp(length: number): Int32Array<ArrayBuffer> {
  const out = new Int32Array(length);
  for (let i = 0; i < length; i++) out[i] = i;
  return out;
}

/** Unsigned integers in the same order as the numbers: the words of each key, the lower one first. */
function keysOf(numbers: FloatArray, descending: boolean): Uint32Array[] {
  const plain = allocate(dtypeOf(numbers), numbers.length);
  for (let i = 0; i < plain.length; i++) plain[i] = numbers[i]! + 0; // -0 becomes 0.
  const bits = new Uint32Array(plain.buffer);
  const count = bits.length / numbers.length;
  return Array.from({ length: count }, (_, word) => {
    const keys = new Uint32Array(numbers.length);
    for (let i = 0; i < keys.length; i++) {
      const isNegative = bits[count * i + count - 1]! >>> 31 === 1;
      // The bits of a number below 0 are in reverse order; above 0 only the sign has to be turned.
      const turned = isNegative ? ALL : word === count - 1 ? SIGN : 0;
      const key = numbers[i] === numbers[i] ? bits[count * i + word]! ^ turned : ALL;
      keys[i] = descending ? ~key : key;
    }
    return keys;
  });
}

/** Sorts an order by a word of the keys of its members; equal ones stay as they are. */
function sortByWord(words: Uint32Array, order: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const { length } = order;
  let from = order;
  let keys = new Uint32Array(length);
  for (let i = 0; i < length; i++) keys[i] = words[order[i]!]!;
  let to = new Int32Array(length);
  let movedKeys = new Uint32Array(length);
  for (const shift of SHIFTS) {
    const places = placesOf(keys, shift);
    if (places === undefined) continue;
    for (let i = 0; i < length; i++) {
      const key = keys[i]!;
      const at = places[key >>> shift & (BUCKETS - 1)]!++;
      to[at] = from[i]!;
      movedKeys[at] = key;
    }
    [from, to, keys, movedKeys] = [to, from, movedKeys, keys];
  }
  return from;
}

/** Where the numbers of each digit begin; `undefined` if all numbers have the same digit. */
function placesOf(keys: Uint32Array, shift: number): Int32Array | undefined {
  const places = new Int32Array(BUCKETS);
  for (let i = 0; i < keys.length; i++) places[keys[i]! >>> shift & (BUCKETS - 1)]!++;
  if (places.includes(keys.length)) return undefined;
  for (let digit = 0, sum = 0; digit < BUCKETS; digit++) {
    const count = places[digit]!;
    places[digit] = sum;
    sum += count;
  }
  return places;
}

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
