import { allocate, dtypeOf, type FloatArray } from "./dtype.ts";

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
