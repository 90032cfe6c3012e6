import { message } from "../_internal/message.ts";
import { unitInterval } from "../_internal/threefry.ts";
import { gatherArray } from "../array/strided_copy.ts";
import { NdArray } from "../array/nd_array.ts";
import type { Shape } from "../array/shape.ts";
import { fill } from "./_fill.ts";
import { type Key, permutation, type RandomOptions } from "./random.ts";

/**
 * Ones with a given probability, zeros otherwise: the mask of a dropout, for one.
 *
 * @param source The key
 * @param shape The shape of the result
 * @param options The probability of a 1, 0.5 by default, and dtype
 * @throws {TypeError} If the dtype is unknown
 * @throws {RangeError} If the probability is not from 0 to 1, or the shape is none
 *
 * @example
 * ```ts
 * import { bernoulli, key } from "@tapegrad/tapegrad/random";
 *
 * const mask = bernoulli(key(0), [2, 3], { probability: 0.8, dtype: "float32" });
 * console.log(mask.data.every((v) => v === 0 || v === 1)); // true
 * ```
 */
export function bernoulli(
  source: Key,
  shape: Shape,
  { probability = 0.5, dtype = "float64" }: RandomOptions & { readonly probability?: number } = {},
): NdArray {
  if (!(probability >= 0 && probability <= 1)) {
    throw new RangeError(
      message`Cannot apply bernoulli: the probability is ${probability}, use a number
      from 0 to 1`,
    );
  }
  return fill("bernoulli", source.words, shape, dtype, (a, b) => unitInterval(a, b) < probability ? 1 : 0);
}

/**
 * Integers spread evenly over `low` to `high`, including `low` and not `high`.
 *
 * @param source The key
 * @param shape The shape of the result
 * @param options Bounds, of which low is 0 by default, and dtype
 * @throws {TypeError} If the dtype is unknown
 * @throws {RangeError} If a bound is not an integer the dtype holds exactly, high is not greater than low or by
 *   more than 2^32, or the shape is none
 *
 * @example
 * ```ts
 * import { key, randint } from "@tapegrad/tapegrad/random";
 *
 * const dice = randint(key(0), [100], { low: 1, high: 7 });
 * console.log(dice.data.every((v) => v >= 1 && v <= 6)); // true
 * ```
 */
export function randint(
  source: Key,
  shape: Shape,
  { low = 0, high, dtype = "float64" }: RandomOptions & { readonly low?: number; readonly high: number },
): NdArray {
  const largest = dtype === "float32" ? 0x1000000 : Number.MAX_SAFE_INTEGER;
  for (const bound of [low, high]) {
    if (!Number.isInteger(bound) || Math.abs(bound) > largest) {
      throw new RangeError(
        message`Cannot apply randint: the bound ${bound} is not an integer that ${dtype}
        holds exactly`,
      );
    }
  }
  const count = high - low;
  if (!(count > 0 && count <= 0x100000000)) {
    throw new RangeError(
      message`Cannot draw integers from ${low} to ${high}: high must be greater than low,
      by at most 2^32`,
    );
  }
  return fill("randint", source.words, shape, dtype, (a, b) => low + Math.floor(unitInterval(a, b) * count));
}

/**
 * The rows of an array in random order: those {@linkcode permutation} names under the same key.
 *
 * @param source The key
 * @param x Shape `[rows, ...]`
 * @returns An array of its own, same shape and dtype
 * @throws {TypeError} If the array is a scalar
 *
 * @example
 * ```ts
 * import { NdArray } from "@tapegrad/tapegrad";
 * import { key, shuffle } from "@tapegrad/tapegrad/random";
 *
 * const x = shuffle(key(0), new NdArray(new Float64Array([1, 2, 3])));
 * console.log([...x.data].sort()); // [1, 2, 3]
 * ```
 */
export function shuffle(source: Key, x: NdArray): NdArray {
  const rows = x.shape[0];
  if (rows === undefined) throw new TypeError("Cannot apply shuffle: a scalar has no rows");
  return gatherArray(x, new NdArray(Float64Array.from(permutation(source, rows))), 0);
}
