import { readAxes } from "../../_internal/readers/mod.ts";
import { message } from "../../_internal/message.ts";
import { describeValue } from "../../_internal/format.ts";
import { operation as op } from "../../primitives/mod.ts";
import { flattenAxes, readReduction } from "./_axes.ts";
import {
  apply,
  type Operand,
  type ReductionArgument,
  type ReductionOptions,
  toVariable,
  type Variable,
} from "../../variable/variable.ts";

/** Which norm is meant, and along which axes. */
export interface NormOptions extends ReductionOptions {
  /** A number from 1 up, Infinity, or `"fro"` for the Frobenius norm, the same as 2; 2 by default. */
  readonly ord?: number | "fro";
}

/** An axis to look along, or all elements. */
export interface ArgumentOptions {
  /** The axis; a negative one counts from the end. By default all elements count, row after row. */
  readonly axis?: number;
  /** Whether the axis stays, with length 1; false by default. */
  readonly keepDims?: boolean;
}

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
export function prod(x: Operand, options: ReductionArgument = {}): Variable {
  const { merged, axis, restore } = flattenAxes("prod", toVariable(x), options);
  return restore(apply(op.prod, [merged], { axis }));
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
export function norm(x: Operand, options: number | readonly number[] | NormOptions = {}): Variable {
  const input = toVariable(x);
  const { ord = 2, axis, keepDims = false } = readReduction<NormOptions>(options);
  const order = ord === "fro" ? 2 : ord;
  if (!(order >= 1)) {
    throw new RangeError(
      message`Cannot take the norm of order ${describeValue(ord)}: use a number from 1
      up, Infinity or "fro"`,
    );
  }
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
  options: number | readonly number[] | Pick<ReductionOptions, "axis"> = {},
): Variable {
  if (!(maxNorm >= 0)) {
    throw new RangeError(
      message`Cannot clip to the norm ${describeValue(maxNorm)}: it must be 0 or a
      positive number`,
    );
  }
  const input = toVariable(x);
  const length = norm(input, { ...readReduction<ReductionOptions>(options), keepDims: true });
  const isLong = length.gt(maxNorm);
  return input.mul(isLong.where(isLong.where(length, 1).reciprocal().mul(maxNorm), 1));
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
  return toVariable(x).ne(0).sum(options).ne(0);
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
  return toVariable(x).eq(0).sum(options).eq(0);
}

/**
 * Index of the largest element: of equal ones the first, and the first NaN before all. No derivative.
 *
 * @param x Any shape
 * @param options An axis, or `{ axis, keepDims }`; by default all elements count, row after row
 * @returns Integers in float64; the axis is dropped
 * @throws {RangeError} If x has no such axis
 * @throws {TypeError} If there are no elements
 *
 * @example
 * ```ts
 * import { argMax } from "@tapegrad/tapegrad";
 *
 * console.log(argMax([[1, 5, 2], [7, 0, 7]], { axis: 1 }).value); // [1, 0]
 * ```
 */
export function argMax(x: Operand, options: number | ArgumentOptions = {}): Variable {
  const { merged, axis, restore } = flattenAxes("argMax", toVariable(x), options);
  return restore(apply(op.argMax, [merged], { axis }));
}

/**
 * Index of the smallest element: of equal ones the first, and the first NaN before all. No derivative.
 *
 * @param x Any shape
 * @param options An axis, or `{ axis, keepDims }`; by default all elements count, row after row
 * @returns Integers in float64; the axis is dropped
 * @throws {RangeError} If x has no such axis
 * @throws {TypeError} If there are no elements
 *
 * @example
 * ```ts
 * import { argMin } from "@tapegrad/tapegrad";
 *
 * console.log(argMin([3, 1, 2]).value); // 1
 * ```
 */
export function argMin(x: Operand, options: number | ArgumentOptions = {}): Variable {
  return argMax(toVariable(x).neg(), options);
}
