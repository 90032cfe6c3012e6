import { operation as op } from "../../primitives/mod.ts";
import { apply } from "../../variable/apply.ts";
import { toVariable } from "../../variable/operands.ts";
import type { ReductionArgument } from "../../variable/signatures/reductions.ts";
import type { Operand, Variable } from "../../variable/variable.ts";
import { flattenAxes, reduce } from "./_axes.ts";

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
