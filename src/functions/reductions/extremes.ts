import { operation as op } from "../../primitives/mod.ts";
import { apply } from "../../variable/apply.ts";
import { toVariable } from "../../variable/operands.ts";
import type { ArgumentOptions, ReductionArgument } from "../../variable/signatures/reductions.ts";
import type { Operand, Variable } from "../../variable/variable.ts";
import { flattenAxes, reduce } from "./_axes.ts";

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
export function argMax(x: Operand, options?: number | ArgumentOptions): Variable {
  return argumentOfMax("argMax", toVariable(x), options);
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
export function argMin(x: Operand, options?: number | ArgumentOptions): Variable {
  return argumentOfMax("argMin", toVariable(x).neg(), options);
}

/**
 * Largest element along axes; ties share the derivative evenly.
 *
 * @param x Any shape
 * @param options An axis, a list of axes, or `{ axis, keepDims }`; by default all axes
 * @returns The reduced shape, in the dtype of x
 * @throws {RangeError} If x has no such axis
 * @throws {TypeError} If there are no elements
 *
 * @example
 * ```ts
 * import { max } from "@tapegrad/tapegrad";
 *
 * console.log(max([[1, 2], [3, 4]], { axis: 1 }).value); // [2, 4]
 * ```
 */
export function max(x: Operand, options?: ReductionArgument): Variable {
  return reduce(op.max, x, options);
}

/**
 * Smallest element along axes; ties share the derivative evenly.
 *
 * @param x Any shape
 * @param options An axis, a list of axes, or `{ axis, keepDims }`; by default all axes
 * @returns The reduced shape, in the dtype of x
 * @throws {RangeError} If x has no such axis
 * @throws {TypeError} If there are no elements
 *
 * @example
 * ```ts
 * import { min } from "@tapegrad/tapegrad";
 *
 * console.log(min([[1, 2], [3, 4]], { axis: 1 }).value); // [1, 3]
 * ```
 */
export function min(x: Operand, options?: ReductionArgument): Variable {
  return reduce(op.min, x, options);
}

function argumentOfMax(operation: string, x: Variable, options?: number | ArgumentOptions): Variable {
  const { flat, axis, restore } = flattenAxes(operation, x, options);
  return restore(apply(op.argMax, [flat], { axis }));
}
