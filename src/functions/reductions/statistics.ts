import { message } from "../../_internal/message.ts";
import { isList, readAxes, readNumber } from "../../_internal/readers/mod.ts";
import { sizeOf } from "../../array/shape.ts";
import { sort } from "../indexing/sorting.ts";
import { stack } from "../shapes/joining.ts";
import { toVariable } from "../../variable/operands.ts";
import type { ReductionArgument, VarianceOptions } from "../../variable/signatures/reductions.ts";
import type { Operand, Variable } from "../../variable/variable.ts";
import { flattenAxes, readReduction } from "./_axes.ts";

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
export function variance(x: Operand, options?: number | readonly number[] | VarianceOptions): Variable {
  return varianceOf("variance", x, options);
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
  options?: number | readonly number[] | VarianceOptions,
): Variable {
  const squared = varianceOf("standardDeviation", x, options);
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
  return quantileOf("median", x, 0.5, options);
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
  options?: ReductionArgument,
): Variable {
  return quantileOf("quantile", x, q, options);
}

/** The variance under the name of what asks for it. */
function varianceOf(
  operation: string,
  x: Operand,
  options: number | readonly number[] | VarianceOptions | undefined,
): Variable {
  const input = toVariable(x);
  const { axis, keepDims, correction } = readReduction(operation, options, {
    axis: undefined,
    keepDims: false,
    correction: 0,
  });
  readNumber(operation, "correction", correction, { min: 0, below: Infinity });
  const axes = readAxes(operation, axis, input.rank);
  const count = sizeOf(axes.map((a) => input.shape[a]!));
  const squares = input.sub(input.mean({ axis: axes, keepDims: true })).square();
  return squares.sum({ axis: axes, keepDims }).div(count > correction ? count - correction : NaN);
}

/** The quantiles under the name of what asks for them. */
function quantileOf(
  operation: string,
  x: Operand,
  q: number | readonly number[],
  options: ReductionArgument | undefined,
): Variable {
  const fractions = (isList(q) ? Array.from(q) : [q]).map((each) =>
    readNumber(operation, "the quantile", each, { min: 0, max: 1 })
  );
  const { flat, axis, restore } = flattenAxes(operation, toVariable(x), options);
  const count = flat.shape[axis]!;
  if (count === 0) {
    throw new TypeError(message`Cannot take the ${operation} of no elements: a length of x is 0`);
  }
  const sorted = sort(flat, { axis });
  const element = (i: number): Variable => sorted.gather(i, { axis });
  const last = element(count - 1);
  const at = (fraction: number): Variable => {
    const index = fraction * (count - 1);
    const low = Math.floor(index);
    const weight = index - low;
    const value = weight === 0
      ? element(low)
      : element(low).mul(1 - weight).add(element(low + 1).mul(weight));
    // NaN is sorted to the end.
    return restore(last.isNan().where(last, value));
  };
  return isList(q) ? stack(fractions.map(at)) : at(q);
}
