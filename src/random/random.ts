import { randomOrder, seedWords, threefry, unitInterval } from "../_internal/threefry.ts";
import { allocate, checkDType, type DType } from "../array/dtype.ts";
import { NdArray } from "../array/nd_array.ts";
import { checkShape, type Shape, sizeOf } from "../array/shape.ts";

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
  return { words: seedWords(seed) };
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
    throw new RangeError(`Cannot split a key into ${count}: the count is an integer from 1 up`);
  }
  return Array.from({ length: count }, (_, i) => ({ words: threefry(...parent.words, i, 0xffffffff) }));
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
  return { words: threefry(...parent.words, low, (high ^ 0xfffffffe) >>> 0) };
}

/**
 * Numbers spread evenly over `low` to `high`, including `low` and not `high`.
 *
 * @param source The key
 * @param shape The shape of the result
 * @param options Bounds, 0 and 1 by default, and dtype
 * @throws {RangeError} If high is not greater than low
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
  if (!(high > low && Number.isFinite(high - low))) {
    throw new RangeError(`Cannot draw uniform numbers from ${low} to ${high}: high must be greater than low`);
  }
  return fill(source, shape, dtype, (a, b) => {
    // 24 bits are what float32 holds, so that rounding never reaches 1.
    const unit = dtype === "float32" ? (a >>> 8) / 0x1000000 : unitInterval(a, b);
    return low + unit * (high - low);
  });
}

/**
 * Normally distributed numbers (Box and Muller, 1958).
 *
 * @param source The key
 * @param shape The shape of the result
 * @param options Mean, 0 by default, standard deviation, 1 by default, and dtype
 * @throws {RangeError} If the standard deviation is negative
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
  if (!(standardDeviation >= 0)) {
    throw new RangeError(
      `Cannot draw normal numbers: the standard deviation is ${standardDeviation}, use 0 or more`,
    );
  }
  return fill(source, shape, dtype, (a, b) => {
    const radius = Math.sqrt(-2 * Math.log((a + 1) / 0x100000000));
    return mean + standardDeviation * radius * Math.cos(2 * Math.PI * (b / 0x100000000));
  });
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
    throw new RangeError(`Cannot permute ${n} numbers: use an integer from 0 up`);
  }
  return randomOrder(...source.words, n);
}

function fill(
  { words: [key0, key1] }: Key,
  shape: Shape,
  dtype: DType,
  draw: (a: number, b: number) => number,
): NdArray {
  const data = allocate(checkDType(dtype), sizeOf(checkShape("random", shape)));
  for (let i = 0; i < data.length; i++) data[i] = draw(...threefry(key0, key1, i, 0));
  return new NdArray(data, shape);
}
