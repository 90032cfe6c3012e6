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

/** A number from 0 up to but not including 1, with 53 random bits. */
export function unitInterval(high: number, low: number): number {
  return ((high >>> 5) * 0x4000000 + (low >>> 6)) / 0x20000000000000;
}

/** The integers 0 to n - 1 in an order that depends on the key alone (Fisher and Yates). */
export function randomOrder(key0: number, key1: number, n: number): Uint32Array {
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const [high, low] = threefry(key0, key1, i, 0);
    const j = Math.floor(unitInterval(high, low) * (i + 1));
    const swap = order[i]!;
    order[i] = order[j]!;
    order[j] = swap;
  }
  return order;
}

/**
 * Splits a seed into two 32-bit words.
 *
 * @throws {RangeError} If it is not an integer from 0 to 2^53 - 1
 */
export function seedWords(seed: number): [number, number] {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(`Cannot use the seed ${seed}: seeds are integers from 0 to 2^53 - 1`);
  }
  return [Math.floor(seed / 0x100000000), seed >>> 0];
}
