import { describeValue } from "../_internal/format.ts";
import { toVariable } from "../variable/operands.ts";
import { message } from "../_internal/message.ts";
import { readAnyNumber, readInteger, readNumber, readOptions } from "../_internal/readers/mod.ts";
import type { Shape } from "../array/shape.ts";
import { argSort, broadcastTo } from "../functions/mod.ts";
import { type Operand, Variable } from "../variable/mod.ts";
import { draw, type RandomOptions } from "./draw.ts";
import type { Key } from "./keys.ts";

/** Options of {@linkcode bernoulli}. */
export interface BernoulliOptions extends RandomOptions {
  /** The probability of a 1, 0.5 by default; a Variable broadcasts to the shape. */
  readonly probability?: number | Variable;
}

/**
 * Ones with a given probability, zeros otherwise: the mask of a dropout, for one.
 *
 * @param source The key
 * @param shape The shape of the result
 * @param options The probability of a 1, 0.5 by default, and dtype
 * @throws {TypeError} If the key, shape, dtype or an option is none
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
export function bernoulli(source: Key, shape: Shape, options: BernoulliOptions = {}): Variable {
  const defaults = { probability: 0.5, dtype: "float64" } as const;
  const { probability, dtype } = readOptions<BernoulliOptions, typeof defaults>(
    "bernoulli",
    options,
    defaults,
  );
  if (!(probability instanceof Variable)) {
    readNumber("bernoulli", "the probability", probability, { min: 0, max: 1 });
    return draw("bernoulli", source, shape, dtype).lt(probability);
  }
  const unit = draw("bernoulli", source, shape, dtype);
  return unit.lt(broadcastTo(probability.cast(dtype), unit.shape));
}

/** Options of {@linkcode randint}. */
export interface RandintOptions extends RandomOptions {
  /** The smallest integer, 0 by default. */
  readonly low?: number;
  /** One more than the largest. */
  readonly high: number;
}

/**
 * Integers spread evenly over `low` to `high`, including `low` and not `high`.
 *
 * @param source The key
 * @param shape The shape of the result
 * @param options Bounds, of which low is 0 by default, and dtype
 * @throws {TypeError} If the key, shape, dtype or an option is none
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
export function randint(source: Key, shape: Shape, options: RandintOptions): Variable {
  const defaults = { low: 0, high: undefined, dtype: "float64" } as const;
  const { low, high, dtype } = readOptions<RandintOptions, typeof defaults>("randint", options, defaults);
  const largest = dtype === "float32" ? 0x1000000 : Number.MAX_SAFE_INTEGER;
  for (const bound of [low, high]) {
    readAnyNumber("randint", bound === low ? "the option low" : "the option high", bound);
    if (!Number.isInteger(bound) || Math.abs(bound) > largest) {
      throw new RangeError(
        message`Cannot apply randint: the bound ${describeValue(bound)} is not an integer that ${dtype}
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
  // The bits of float32 are too few to have every integer equally often.
  const integers = draw("randint", source, shape, "float64").mul(count).floor().add(low);
  return dtype === "float64" ? integers : integers.cast(dtype);
}

/**
 * The integers 0 to n - 1 in random order: the order that sorts as many random numbers.
 *
 * @param source The key
 * @param n How many
 * @returns Shape `[n]`, float64
 * @throws {TypeError} If the key or the number is none
 * @throws {RangeError} If n is not an integer from 0 up
 *
 * @example
 * ```ts
 * import { key, permutation } from "@tapegrad/tapegrad/random";
 *
 * console.log([...permutation(key(0), 3).data].sort()); // [0, 1, 2]
 * ```
 */
export function permutation(source: Key, n: number): Variable {
  readInteger("permutation", "the number of integers", n, 0, 2 ** 31 - 1);
  return argSort(draw("permutation", source, [n], "float64"));
}

/**
 * The rows of an array in random order: those {@linkcode permutation} names under the same key.
 *
 * @param source The key
 * @param x Shape `[rows, ...]`
 * @returns Same shape and dtype
 * @throws {TypeError} If the key is none, or the array has no axis
 *
 * @example
 * ```ts
 * import { key, shuffle } from "@tapegrad/tapegrad/random";
 *
 * console.log([...shuffle(key(0), [1, 2, 3]).data].sort()); // [1, 2, 3]
 * ```
 */
export function shuffle(source: Key, x: Operand): Variable {
  const values = toVariable(x);
  const rows = values.shape[0];
  if (rows === undefined) throw new TypeError("Cannot apply shuffle: a single number has no rows");
  return values.gather(permutation(source, rows));
}
