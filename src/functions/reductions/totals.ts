/** What whole axes add up to: sums, products, norms. */
import { readAxes, readChoice, readNumber } from "../../_internal/readers/mod.ts";
import { flattenAxes, readReduction, reduce } from "./_axes.ts";
import { operation as op } from "../../primitives/mod.ts";
import { apply } from "../../variable/apply.ts";
import { toVariable } from "../../variable/operands.ts";
import type { NormOptions, ReductionArgument } from "../../variable/signatures/reductions.ts";
import type { AxesOptions } from "../../variable/signatures/shapes.ts";
import type { Operand, Variable } from "../../variable/variable.ts";

/**
 * Product along axes; of no elements, 1. The derivative by an element is the product of the others, found
 * without dividing, so it is right where elements are 0, to any order.
 *
 * @param x Any shape
 * @param options An axis, a list of axes, or `{ axis, keepDims }`; by default all axes
 * @returns The reduced shape, in the dtype of x
 * @throws {RangeError} If x has no such axis
 *
 * @example
 * ```ts
 * import { grad, prod, type Variable } from "@tapegrad/tapegrad";
 *
 * console.log(prod([2, 3, 4]).value); // 24
 * console.log(grad((x: Variable) => prod(x))([0, 3, 4])); // [12, 0, 0]
 * ```
 */
export function prod(x: Operand, options?: ReductionArgument): Variable {
  const { flat, axis, restore } = flattenAxes("prod", toVariable(x), options);
  return restore(apply(op.prod, [flat], { axis }));
}

/**
 * 1 where any element along axes is not 0, else 0; NaN counts as true. The derivative is 0.
 *
 * @param x Any shape
 * @param options An axis, a list of axes, or `{ axis, keepDims }`; by default all axes
 * @returns The reduced shape, in the dtype of x; of no elements, 0
 * @throws {RangeError} If x has no such axis
 *
 * @example
 * ```ts
 * import { any } from "@tapegrad/tapegrad";
 *
 * console.log(any([[0, 1], [0, 0]], 1).value); // [1, 0]
 * ```
 */
export function any(x: Operand, options?: ReductionArgument): Variable {
  return reduce(op.sum, toVariable(x).ne(0), options, "any").ne(0);
}

/**
 * 1 where all elements along axes are not 0, else 0; NaN counts as true. The derivative is 0.
 *
 * @param x Any shape
 * @param options An axis, a list of axes, or `{ axis, keepDims }`; by default all axes
 * @returns The reduced shape, in the dtype of x; of no elements, 1
 * @throws {RangeError} If x has no such axis
 *
 * @example
 * ```ts
 * import { all } from "@tapegrad/tapegrad";
 *
 * console.log(all([[2, 1], [0, 1]], 1).value); // [1, 0]
 * ```
 */
export function all(x: Operand, options?: ReductionArgument): Variable {
  return reduce(op.sum, toVariable(x).eq(0), options, "all").eq(0);
}

/**
 * Sum along axes; of no elements, 0.
 *
 * @param x Any shape
 * @param options An axis, a list of axes, or `{ axis, keepDims }`; by default all axes
 * @returns The reduced shape, in the dtype of x
 * @throws {RangeError} If x has no such axis
 *
 * @example
 * ```ts
 * import { sum } from "@tapegrad/tapegrad";
 *
 * console.log(sum([[1, 2], [3, 4]], { axis: 0 }).value); // [4, 6]
 * ```
 */
export function sum(x: Operand, options?: ReductionArgument): Variable {
  return reduce(op.sum, x, options);
}

/**
 * Mean along axes.
 *
 * @param x Any shape
 * @param options An axis, a list of axes, or `{ axis, keepDims }`; by default all axes
 * @returns The reduced shape, in the dtype of x
 * @throws {RangeError} If x has no such axis
 *
 * @example
 * ```ts
 * import { mean } from "@tapegrad/tapegrad";
 *
 * console.log(mean([[1, 2], [3, 4]]).value); // 2.5
 * ```
 */
export function mean(x: Operand, options?: ReductionArgument): Variable {
  const input = toVariable(x);
  const total = reduce(op.sum, input, options, "mean");
  return total.mul(total.size === 0 ? NaN : total.size / input.size);
}

/**
 * `log(sum(exp(x)))` along axes without overflow; derivative `softmax(x)`.
 *
 * @param x Any shape
 * @param options An axis, a list of axes, or `{ axis, keepDims }`; by default all axes
 * @returns The reduced shape, in the dtype of x
 * @throws {RangeError} If x has no such axis
 *
 * @example
 * ```ts
 * import { logSumExp } from "@tapegrad/tapegrad";
 *
 * console.log(logSumExp([1000]).value); // 1000
 * ```
 */
export function logSumExp(x: Operand, options?: ReductionArgument): Variable {
  return reduce(op.logSumExp, x, options);
}

/**
 * Length of vectors: `sum(abs(x) ** ord) ** (1 / ord)` along axes, without overflow; for Infinity the largest
 * absolute value. It is a norm of vectors, also where x has more axes: not the operator norms of matrices.
 *
 * Where the norm is 0 its derivative is 0, as in PyTorch (JAX has NaN). For ord 1 an element that is 0 has
 * derivative 0; for Infinity, ties share the derivative evenly.
 *
 * @param x Any shape
 * @param options An axis, a list of axes, or `{ ord, axis, keepDims }`; by default ord 2 along all axes
 * @returns The reduced shape, in the dtype of x; of no elements, 0
 * @throws {RangeError} If ord is below 1, or x has no such axis
 *
 * @example
 * ```ts
 * import { norm } from "@tapegrad/tapegrad";
 *
 * console.log(norm([3, -4]).value); // 5
 * console.log(norm([3, -4], { ord: 1 }).value); // 7
 * ```
 */
export function norm(x: Operand, options?: number | readonly number[] | NormOptions): Variable {
  const input = toVariable(x);
  const { ord, axis, keepDims } = readReduction("norm", options, {
    ord: 2,
    axis: undefined,
    keepDims: false,
  });
  const order = typeof ord === "string"
    ? { fro: 2 }[readChoice("norm", "ord", ord, ["fro"])]
    : readNumber("norm", "ord", ord, { min: 1 });
  const axes = readAxes("norm", axis, input.rank);
  if (order === 1) return input.abs().sum({ axis: axes, keepDims });
  if (order < Infinity) return apply(op.norm, [input], { order, axes, keepDims });
  const sizes = input.abs();
  // The largest of nothing is an error; the norm of nothing is 0.
  return axes.some((a) => input.shape[a] === 0)
    ? sizes.sum({ axis: axes, keepDims })
    : sizes.max({ axis: axes, keepDims });
}

/**
 * x scaled down to a norm of at most `maxNorm`; where the norm is not above it, x itself. The norm is that of
 * {@linkcode norm} with ord 2.
 *
 * @param x Any shape
 * @param maxNorm At least 0
 * @param options An axis or a list of axes along which the vectors lie; by default all
 * @returns The same shape and dtype
 * @throws {RangeError} If `maxNorm` is negative, or x has no such axis
 *
 * @example
 * ```ts
 * import { clipByNorm } from "@tapegrad/tapegrad";
 *
 * console.log(clipByNorm([30, 40], 5).value); // [3, 4]
 * ```
 */
export function clipByNorm(
  x: Operand,
  maxNorm: number,
  options?: number | readonly number[] | AxesOptions,
): Variable {
  const most = readNumber("clipByNorm", "maxNorm", maxNorm, { min: 0 });
  const { axis } = readReduction("clipByNorm", options, { axis: undefined });
  const input = toVariable(x);
  const length = norm(input, { axis: readAxes("clipByNorm", axis, input.rank), keepDims: true });
  const isLong = length.gt(most);
  return input.mul(isLong.where(isLong.where(length, 1).reciprocal().mul(most), 1));
}
