import { describeValue } from "./format.ts";
import { message } from "./message.ts";
/**
 * Threefry-2x32 with 20 rounds: 64 random bits for each counter under a key. Salmon, Moraes, Dror, Shaw,
 * "Parallel random numbers: as easy as 1, 2, 3", 2011.
 */
export function threefry(key0: number, key1: number, counter0: number, counter1: number): [number, number] {
  const key2 = (0x1bd11bda ^ key0 ^ key1) | 0;
  const keys = [key0 | 0, key1 | 0, key2];
  let x = (counter0 + keys[0]!) | 0;
  let y = (counter1 + keys[1]!) | 0;
  for (let group = 0; group < 5; group++) {
    for (const by of ROTATIONS[group & 1]!) {
      x = (x + y) | 0;
      y = ((y << by) | (y >>> (32 - by))) ^ x;
    }
    x = (x + keys[(group + 1) % 3]!) | 0;
    y = (y + keys[(group + 2) % 3]! + group + 1) | 0;
  }
  return [x >>> 0, y >>> 0];
}

const ROTATIONS = [[13, 15, 26, 6], [17, 29, 16, 24]];

/**
 * Fills a buffer with the bits of the counters `[start, counter1]`, `[start + 1, counter1]`, …: two words for
 * each. The same bits as {@linkcode threefry} gives, with the rounds written out and nothing allocated.
 */
export function fillBits(
  key0: number,
  key1: number,
  counter1: number,
  start: number,
  out: Uint32Array,
): void {
  const k0 = key0 | 0;
  const k1 = key1 | 0;
  const k2 = 0x1bd11bda ^ k0 ^ k1;
  const y0 = (counter1 + k1) | 0;
  for (let i = 0; i + 1 < out.length; i += 2) {
    let x = (start + (i >>> 1) + k0) | 0;
    let y = y0;
    x = (x + y) | 0, y = ((y << 13) | (y >>> 19)) ^ x;
    x = (x + y) | 0, y = ((y << 15) | (y >>> 17)) ^ x;
    x = (x + y) | 0, y = ((y << 26) | (y >>> 6)) ^ x;
    x = (x + y) | 0, y = ((y << 6) | (y >>> 26)) ^ x;
    x = (x + k1) | 0, y = (y + k2 + 1) | 0;
    x = (x + y) | 0, y = ((y << 17) | (y >>> 15)) ^ x;
    x = (x + y) | 0, y = ((y << 29) | (y >>> 3)) ^ x;
    x = (x + y) | 0, y = ((y << 16) | (y >>> 16)) ^ x;
    x = (x + y) | 0, y = ((y << 24) | (y >>> 8)) ^ x;
    x = (x + k2) | 0, y = (y + k0 + 2) | 0;
    x = (x + y) | 0, y = ((y << 13) | (y >>> 19)) ^ x;
    x = (x + y) | 0, y = ((y << 15) | (y >>> 17)) ^ x;
    x = (x + y) | 0, y = ((y << 26) | (y >>> 6)) ^ x;
    x = (x + y) | 0, y = ((y << 6) | (y >>> 26)) ^ x;
    x = (x + k0) | 0, y = (y + k1 + 3) | 0;
    x = (x + y) | 0, y = ((y << 17) | (y >>> 15)) ^ x;
    x = (x + y) | 0, y = ((y << 29) | (y >>> 3)) ^ x;
    x = (x + y) | 0, y = ((y << 16) | (y >>> 16)) ^ x;
    x = (x + y) | 0, y = ((y << 24) | (y >>> 8)) ^ x;
    x = (x + k1) | 0, y = (y + k2 + 4) | 0;
    x = (x + y) | 0, y = ((y << 13) | (y >>> 19)) ^ x;
    x = (x + y) | 0, y = ((y << 15) | (y >>> 17)) ^ x;
    x = (x + y) | 0, y = ((y << 26) | (y >>> 6)) ^ x;
    x = (x + y) | 0, y = ((y << 6) | (y >>> 26)) ^ x;
    out[i] = x + k2;
    out[i + 1] = y + k0 + 5;
  }
}

/** A number from 0 up to but not including 1, with 53 random bits. */
export function unitInterval(high: number, low: number): number {
  return ((high >>> 5) * 0x4000000 + (low >>> 6)) / 0x20000000000000;
}

/** The integers 0 to n - 1 in an order that depends on the key alone (Fisher and Yates). */
export function randomOrder(key0: number, key1: number, n: number): Uint32Array {
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  const bits = new Uint32Array(2 * n);
  fillBits(key0, key1, 0, 0, bits);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(unitInterval(bits[2 * i]!, bits[2 * i + 1]!) * (i + 1));
    const swap = order[i]!;
    order[i] = order[j]!;
    order[j] = swap;
  }
  return order;
}

/**
 * Splits a seed into two 32-bit words.
 *
 * @throws {TypeError} If it is no number
 * @throws {RangeError} If it is not an integer from 0 to 2^53 - 1
 */
export function seedWords(seed: number): [number, number] {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    const Kind = typeof seed === "number" ? RangeError : TypeError;
    throw new Kind(
      message`Cannot use the seed ${describeValue(seed)}: seeds are integers from 0 to 2^53 - 1`,
    );
  }
  return [Math.floor(seed / 0x100000000), seed >>> 0];
}
