import { readAxes } from "../../_internal/readers/mod.ts";
import { message } from "../../_internal/message.ts";
import { describeValue } from "../../_internal/format.ts";
import { sizeOf } from "../../array/shape.ts";
import { flattenAxes, readReduction } from "./_axes.ts";
import { sort } from "../indexing/sorting.ts";
import { stack } from "../shapes/joining.ts";
import {
  type Operand,
  type ReductionArgument,
  type ReductionOptions,
  toVariable,
  type Variable,
} from "../../variable/variable.ts";

/** Along which axes, and what a sum of squares is divided by. */
export interface VarianceOptions extends ReductionOptions {
  /** The sum of squares is divided by n less this; 0 by default, 1 for an estimate from a sample. */
  readonly correction?: number;
}

/**
 * Mean square distance from the mean along axes: `sum((x - mean(x)) ** 2) / (n - correction)`, NumPy's `ddof`.
 *
 * @param x Any shape
 * @param options An axis, a list of axes, or `{ axis, keepDims, correction }`; by default all axes
 * @returns The reduced shape, in the dtype of x; NaN where n is not above the correction, as in JAX and PyTorch
 * @throws {RangeError} If x has no such axis, or the correction is no number from 0 up
 *
 * @example
 * ```ts
 * import { variance } from "@tapegrad/tapegrad";
 *
 * console.log(variance([1, 2, 3, 4]).value); // 1.25
 * console.log(variance([1, 2, 3], { correction: 1 }).value); // 1
 * ```
 */
export function variance(x: Operand, options: number | readonly number[] | VarianceOptions = {}): Variable {
  const input = toVariable(x);
  const { axis, keepDims = false, correction = 0 } = readReduction<VarianceOptions>(options);
  if (!(correction >= 0 && correction < Infinity)) {
    throw new RangeError(
      message`Cannot take the variance with correction ${describeValue(correction)}: it
      must be a number from 0 up`,
    );
  }
  const axes = readAxes("variance", axis, input.rank);
  const count = sizeOf(axes.map((a) => input.shape[a]!));
  const squares = input.sub(input.mean({ axis: axes, keepDims: true })).square();
  return squares.sum({ axis: axes, keepDims }).div(count > correction ? count - correction : NaN);
}

/**
 * Square root of the {@linkcode variance}. Where that is 0 the derivative is 0, as in PyTorch (JAX has NaN).
 *
 * @param x Any shape
 * @param options An axis, a list of axes, or `{ axis, keepDims, correction }`; by default all axes
 * @returns The reduced shape, in the dtype of x; NaN where n is not above the correction, as in JAX and PyTorch
 * @throws {RangeError} If x has no such axis, or the correction is no number from 0 up
 *
 * @example
 * ```ts
 * import { standardDeviation } from "@tapegrad/tapegrad";
 *
 * console.log(standardDeviation([2, 4, 4, 4, 5, 5, 7, 9]).value); // 2
 * ```
 */
export function standardDeviation(
  x: Operand,
  options: number | readonly number[] | VarianceOptions = {},
): Variable {
  const squared = variance(x, options);
  const spreads = squared.ne(0);
  return spreads.where(spreads.where(squared, 1).sqrt(), 0);
}

/**
 * Middle element along axes, of an even number the mean of the two in the middle; NaN where there is a NaN.
 * The derivative goes to the elements in the middle.
 *
 * @param x Any shape
 * @param options An axis, a list of axes, or `{ axis, keepDims }`; by default all axes
 * @returns The reduced shape, in the dtype of x
 * @throws {RangeError} If x has no such axis
 * @throws {TypeError} If there are no elements
 *
 * @example
 * ```ts
 * import { median } from "@tapegrad/tapegrad";
 *
 * console.log(median([5, 1, 9, 3]).value); // 4
 * ```
 */
export function median(x: Operand, options?: ReductionArgument): Variable {
  return quantile(x, 0.5, options);
}

/**
 * Quantile along axes, between elements by linear interpolation, as NumPy has it: the element at place
 * `q * (n - 1)` of the sorted ones. NaN where there is a NaN. The derivative goes to the elements read.
 *
 * @param x Any shape
 * @param q A number from 0 to 1, or several; no derivative by them
 * @param options An axis, a list of axes, or `{ axis, keepDims }`; by default all axes
 * @returns The reduced shape, in the dtype of x; for several q with one more axis in front
 * @throws {RangeError} If q is not between 0 and 1, or x has no such axis
 * @throws {TypeError} If there are no elements
 *
 * @example
 * ```ts
 * import { quantile } from "@tapegrad/tapegrad";
 *
 * console.log(quantile([0, 10, 20], 0.25).value); // 5
 * console.log(quantile([0, 10, 20], [0, 0.5, 1]).value); // [0, 10, 20]
 * ```
 */
export function quantile(
  x: Operand,
  q: number | readonly number[],
  options: ReductionArgument = {},
): Variable {
  for (const each of typeof q === "number" ? [q] : q) {
    if (!(each >= 0 && each <= 1)) {
      throw new RangeError(message`Cannot take the quantile ${describeValue(each)}: it must lie between 0
        and 1`);
    }
  }
  const { merged, axis, restore } = flattenAxes("quantile", toVariable(x), options);
  const count = merged.shape[axis]!;
  if (count === 0) throw new TypeError("Cannot take the quantile of no elements: a length of x is 0");
  const sorted = sort(merged, { axis });
  const element = (i: number): Variable => sorted.gather(i, { axis });
  const last = element(count - 1);
  const at = (each: number): Variable => {
    const place = each * (count - 1);
    const low = Math.floor(place);
    const weight = place - low;
    const value = weight === 0
      ? element(low)
      : element(low).mul(1 - weight).add(element(low + 1).mul(weight));
    // NaN is sorted to the end.
    return restore(last.isNan().where(last, value));
  };
  return typeof q === "number" ? at(q) : stack(q.map(at));
}
