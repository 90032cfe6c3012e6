import { message } from "../_internal/message.ts";
import { readAnyNumber, readNumber, readOptions } from "../_internal/readers/mod.ts";
import { allocate, checkDType, type DType, roundTo } from "../array/dtype.ts";
import type { Shape } from "../array/shape.ts";
import type { Variable } from "../variable/mod.ts";
import { draw, type RandomOptions } from "./draw.ts";
import type { Key } from "./keys.ts";

/** Options of {@linkcode uniform}. */
export interface UniformOptions extends RandomOptions {
  /** 0 by default. */
  readonly low?: number;
  /** 1 by default. */
  readonly high?: number;
}

/**
 * Numbers spread evenly over `low` to `high`, including `low` and not `high`. Compiled, numbers from 0 to 1 are the
 * same to the bit; with other bounds the last bit may differ.
 *
 * @param source The key
 * @param shape The shape of the result
 * @param options Bounds, 0 and 1 by default, and dtype; the bounds count as rounded to the dtype
 * @returns The shape asked for, with 53 random bits for each element in float64 and 24 in float32
 * @throws {TypeError} If the key, shape, dtype or an option is none
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
export function uniform(source: Key, shape: Shape, options: UniformOptions = {}): Variable {
  const defaults = { low: 0, high: 1, dtype: "float64" } as const;
  const { low, high, dtype } = readOptions<UniformOptions, typeof defaults>("uniform", options, defaults);
  readAnyNumber("uniform", "the option high", high);
  const bound = roundTo(checkDType(dtype), high);
  if (typeof low !== "number" || !(bound > roundTo(dtype, low) && Number.isFinite(bound - low))) {
    throw new RangeError(
      message`Cannot draw uniform ${dtype} numbers from ${low} to ${high}: high must be
      greater than low, and both finite`,
    );
  }
  const unit = draw("uniform", source, shape, dtype);
  if (low === 0 && high === 1) return unit;
  // Rounding may reach the upper bound.
  return unit.mul(high - low).add(low).minimum(previous(dtype, bound));
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

/** Options of {@linkcode normal} and {@linkcode truncatedNormal}. */
export interface NormalOptions extends RandomOptions {
  /** 0 by default. */
  readonly mean?: number;
  /** 1 by default. */
  readonly standardDeviation?: number;
}

/**
 * Normally distributed numbers (Box and Muller, 1958). Compiled they are the same but for rounding, as logarithm and
 * cosine are not those of JavaScript: to 1e-6 in float32.
 *
 * @param source The key
 * @param shape The shape of the result
 * @param options Mean, 0 by default, standard deviation, 1 by default, and dtype
 * @throws {TypeError} If the key, shape, dtype or an option is none
 * @throws {RangeError} If the standard deviation is negative, it or the mean is not finite, or the shape is none
 *
 * @example
 * ```ts
 * import { key, normal } from "@tapegrad/tapegrad/random";
 *
 * console.log(normal(key(0), [2, 3], { standardDeviation: 0.1 }).shape); // [2, 3]
 * ```
 */
export function normal(source: Key, shape: Shape, options: NormalOptions = {}): Variable {
  const { mean, standardDeviation, dtype } = readMoments("normal", options);
  const words = draw("normal", source, shape, dtype, "words");
  const plane = (k: number): Variable => words.slice(k, 1).reshape(words.shape.slice(1));
  const radius = plane(0).add(1 / 0x100000000).log().mul(-2).sqrt();
  return radius.mul(standardDeviation).mul(plane(1).mul(2 * Math.PI).cos()).add(mean);
}

/**
 * Normally distributed numbers of which none is more than two standard deviations from the mean, as Keras'
 * initializers draw them. Their deviation is 0.8796 of the one given.
 *
 * @param source The key
 * @param shape The shape of the result
 * @param options Mean, 0 by default, standard deviation before truncation, 1 by default, and dtype
 * @throws {TypeError} If the key, shape, dtype or an option is none
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
export function truncatedNormal(source: Key, shape: Shape, options: NormalOptions = {}): Variable {
  const { mean, standardDeviation, dtype } = readMoments("truncatedNormal", options);
  const unit = draw("truncatedNormal", source, shape, dtype);
  // By the inverse of the distribution function, between its values at -2 and 2.
  const share = unit.mul(2 * WITHIN_TWO).sub(WITHIN_TWO);
  return share.erfinv().mul(Math.SQRT2).clip(-2, 2).mul(standardDeviation).add(mean);
}

/** The share of normal numbers within two standard deviations, `erf(sqrt(2))`. */
const WITHIN_TWO = 0.9544997361036416;

function readMoments(
  operation: string,
  options: NormalOptions,
): { mean: number; standardDeviation: number; dtype: DType } {
  const defaults = { mean: 0, standardDeviation: 1, dtype: "float64" } as const;
  const { mean, standardDeviation, dtype } = readOptions<NormalOptions, typeof defaults>(
    operation,
    options,
    defaults,
  );
  readNumber(operation, "the standard deviation", standardDeviation, { min: 0, below: Infinity });
  readNumber(operation, "the mean", mean, { above: -Infinity, below: Infinity });
  return { mean, standardDeviation, dtype };
}
