import { message } from "../_internal/message.ts";
import { randomOrder, seedWords, threefry, unitInterval } from "../_internal/threefry.ts";
import { allocate, checkDType, type DType, roundTo } from "../array/dtype.ts";
import type { NdArray } from "../array/nd_array.ts";
import type { Shape } from "../array/shape.ts";
import { fill } from "./_fill.ts";

/**
 * A source of randomness. The same key always gives the same numbers; for other numbers, {@linkcode split}
 * it.
 */
export interface Key {
  /** The two 32-bit words of the Threefry key. */
  readonly words: readonly [number, number];
}

/** The element type of random arrays. */
export interface RandomOptions {
  /** float64 by default. */
  readonly dtype?: DType;
}

/**
 * Makes a key from a seed.
 *
 * @param seed An integer from 0 to 2^53 - 1
 * @throws {RangeError} If it is anything else
 *
 * @example
 * ```ts
 * import { key, uniform } from "@tapegrad/tapegrad/random";
 *
 * console.log(uniform(key(1), [2]).toNested()); // the same two numbers every time
 * ```
 */
export function key(seed: number): Key {
  return makeKey(seedWords(seed));
}

function makeKey(words: readonly [number, number]): Key {
  return Object.freeze({ words: Object.freeze(words) });
}

/**
 * Makes several independent keys from one, which should then not be used any more.
 *
 * @param parent The key to split
 * @param count How many, 2 by default
 * @throws {RangeError} If the count is not an integer from 1 up
 *
 * @example
 * ```ts
 * import { key, normal, split } from "@tapegrad/tapegrad/random";
 *
 * const [a, b] = split(key(0));
 * console.log(normal(a!, []).toNested() === normal(b!, []).toNested()); // false
 * ```
 */
export function split(parent: Key, count = 2): Key[] {
  if (!Number.isInteger(count) || count < 1) {
    throw new RangeError(message`Cannot split a key into ${count}: the count is an integer from 1 up`);
  }
  return Array.from({ length: count }, (_, i) => makeKey(threefry(...parent.words, i, 0xffffffff)));
}

/**
 * Makes a key from a key and a number, such as a step count.
 *
 * @param parent The key
 * @param number An integer from 0 to 2^53 - 1
 * @throws {RangeError} If the number is anything else
 *
 * @example
 * ```ts
 * import { foldIn, key, uniform } from "@tapegrad/tapegrad/random";
 *
 * console.log(uniform(foldIn(key(0), 7), [3]).shape); // [3]
 * ```
 */
export function foldIn(parent: Key, number: number): Key {
  const [high, low] = seedWords(number);
  // Counters that neither draws (second word 0) nor split (0xffffffff) use.
  return makeKey(threefry(...parent.words, low, 0xfffffffe - high));
}

/**
 * Numbers spread evenly over `low` to `high`, including `low` and not `high`.
 *
 * @param source The key
 * @param shape The shape of the result
 * @param options Bounds, 0 and 1 by default, and dtype; the bounds count as rounded to the dtype
 * @throws {TypeError} If the dtype is unknown
 * @throws {RangeError} If high is not greater than low, or the shape is none
 *
 * @example
 * ```ts
 * import { key, uniform } from "@tapegrad/tapegrad/random";
 *
 * const x = uniform(key(0), [100], { low: -1, high: 1 });
 * console.log(x.data.every((v) => v >= -1 && v < 1)); // true
 * ```
 */
export function uniform(
  source: Key,
  shape: Shape,
  { low = 0, high = 1, dtype = "float64" }: RandomOptions & {
    readonly low?: number;
    readonly high?: number;
  } = {},
): NdArray {
  const bound = roundTo(checkDType(dtype), high);
  if (!(bound > roundTo(dtype, low) && Number.isFinite(bound - low))) {
    throw new RangeError(
      message`Cannot draw uniform ${dtype} numbers from ${low} to ${high}: high must be
      greater than low, and both finite`,
    );
  }
  const highest = previous(dtype, bound);
  return fill("uniform", source.words, shape, dtype, (a, b) => {
    // 24 bits are what float32 holds, so that rounding never reaches 1.
    const unit = dtype === "float32" ? (a >>> 8) / 0x1000000 : unitInterval(a, b);
    // With other bounds it can.
    return Math.min(low + unit * (high - low), highest);
  });
}

/** The next smaller number of a dtype. */
function previous(dtype: DType, value: number): number {
  const data = allocate(dtype, 1);
  data[0] = value === 0 ? -0 : value;
  const bits = dtype === "float64" ? new BigInt64Array(data.buffer) : new Int32Array(data.buffer);
  const step = value > 0 ? -1 : 1;
  if (bits instanceof BigInt64Array) bits[0]! += BigInt(step);
  else bits[0]! += step;
  return data[0]!;
}

/**
 * Normally distributed numbers (Box and Muller, 1958).
 *
 * @param source The key
 * @param shape The shape of the result
 * @param options Mean, 0 by default, standard deviation, 1 by default, and dtype
 * @throws {TypeError} If the dtype is unknown
 * @throws {RangeError} If the standard deviation is negative, it or the mean is not finite, or the shape is none
 *
 * @example
 * ```ts
 * import { key, normal } from "@tapegrad/tapegrad/random";
 *
 * console.log(normal(key(0), [2, 3], { standardDeviation: 0.1 }).shape); // [2, 3]
 * ```
 */
export function normal(
  source: Key,
  shape: Shape,
  { mean = 0, standardDeviation = 1, dtype = "float64" }: RandomOptions & {
    readonly mean?: number;
    readonly standardDeviation?: number;
  } = {},
): NdArray {
  checkMoments("normal", mean, standardDeviation);
  return fill("normal", source.words, shape, dtype, (a, b) => {
    const radius = boxMullerRadius(a);
    return mean + standardDeviation * radius * Math.cos(2 * Math.PI * (b / 0x100000000));
  });
}

/**
 * Normally distributed numbers of which those more than two standard deviations from the mean are drawn
 * again, as Keras' initializers do. What is left has 0.8796 of the standard deviation.
 *
 * @param source The key
 * @param shape The shape of the result
 * @param options Mean, 0 by default, standard deviation before truncation, 1 by default, and dtype
 * @throws {TypeError} If the dtype is unknown
 * @throws {RangeError} If the standard deviation is negative, it or the mean is not finite, or the shape is none
 *
 * @example
 * ```ts
 * import { key, truncatedNormal } from "@tapegrad/tapegrad/random";
 *
 * const x = truncatedNormal(key(0), [100], { standardDeviation: 0.5 });
 * console.log(x.data.every((v) => Math.abs(v) <= 1)); // true
 * ```
 */
export function truncatedNormal(
  source: Key,
  shape: Shape,
  { mean = 0, standardDeviation = 1, dtype = "float64" }: RandomOptions & {
    readonly mean?: number;
    readonly standardDeviation?: number;
  } = {},
): NdArray {
  checkMoments("truncatedNormal", mean, standardDeviation);
  return fill("truncatedNormal", source.words, shape, dtype, (a, b, element) => {
    let z = boxMuller(a, b);
    for (let attempt = 1; Math.abs(z) > 2; attempt++) {
      z = boxMuller(...threefry(...source.words, element, attempt));
    }
    return mean + standardDeviation * z;
  });
}

function boxMuller(high: number, low: number): number {
  return boxMullerRadius(high) * Math.cos(2 * Math.PI * (low / 0x100000000));
}

function boxMullerRadius(bits: number): number {
  return Math.sqrt(-2 * Math.log((bits + 1) / 0x100000000));
}

function checkMoments(operation: string, mean: number, standardDeviation: number): void {
  if (!(standardDeviation >= 0 && standardDeviation < Infinity)) {
    throw new RangeError(
      message`Cannot apply ${operation}: the standard deviation is ${standardDeviation},
      use a finite number from 0 up`,
    );
  }
  if (!Number.isFinite(mean)) {
    throw new RangeError(message`Cannot apply ${operation}: the mean is ${mean}, use a finite number`);
  }
}

/**
 * The integers 0 to n - 1 in random order.
 *
 * @param source The key
 * @param n How many
 * @throws {RangeError} If n is not an integer from 0 up
 *
 * @example
 * ```ts
 * import { key, permutation } from "@tapegrad/tapegrad/random";
 *
 * console.log([...permutation(key(0), 3)].sort()); // [0, 1, 2]
 * ```
 */
export function permutation(source: Key, n: number): Uint32Array {
  if (!Number.isInteger(n) || n < 0) {
    throw new RangeError(message`Cannot permute ${n} numbers: use an integer from 0 up`);
  }
  return randomOrder(...source.words, n);
}
