import { readAxis, readOptions } from "../../_internal/readers/mod.ts";
import { operation as op } from "../../primitives/mod.ts";
import { apply } from "../../variable/apply.ts";
import { toVariable } from "../../variable/operands.ts";
import type { AxisOptions } from "../../variable/signatures/shapes.ts";
import type { Operand, Variable } from "../../variable/variable.ts";

/**
 * `exp(-x) / sum(exp(-x))` along an axis: the softmax that favours small numbers.
 *
 * @param x Any shape of at least one axis
 * @param options `axis`, the last by default
 * @returns The same shape and dtype
 * @throws {RangeError} If x has no such axis
 *
 * @example
 * ```ts
 * import { softmin } from "@tapegrad/tapegrad";
 *
 * console.log(softmin([1, 1]).value); // [0.5, 0.5]
 * ```
 */
export function softmin(x: Operand, options?: AxisOptions): Variable {
  return toVariable(x).neg().softmax(options);
}

/**
 * `exp(x) / sum(exp(x))` along an axis, without overflow.
 *
 * @param x At least one axis
 * @param options `axis`, by default the last
 * @returns The same shape and dtype
 * @throws {RangeError} If x has no such axis
 *
 * @example
 * ```ts
 * import { softmax } from "@tapegrad/tapegrad";
 *
 * console.log(softmax([1000, 1000]).value); // [0.5, 0.5]
 * ```
 */
export function softmax(x: Operand, options?: AxisOptions): Variable {
  const input = toVariable(x);
  const { axis } = readOptions("softmax", options, { axis: -1 });
  return apply(op.softmax, [input], { axis: readAxis("softmax", axis, input.rank) });
}

/**
 * `x - logSumExp(x)` along an axis: the logarithm of the softmax, without overflow.
 *
 * @param x At least one axis
 * @param options `axis`, by default the last
 * @returns The same shape and dtype
 * @throws {RangeError} If x has no such axis
 *
 * @example
 * ```ts
 * import { logSoftmax } from "@tapegrad/tapegrad";
 *
 * console.log(logSoftmax([1000]).value); // [0]
 * ```
 */
export function logSoftmax(x: Operand, options?: AxisOptions): Variable {
  const input = toVariable(x);
  const { axis } = readOptions("logSoftmax", options, { axis: -1 });
  return apply(op.logSoftmax, [input], { axis: readAxis("logSoftmax", axis, input.rank) });
}
