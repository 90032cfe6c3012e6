import { message } from "../../_internal/message.ts";
import {
  isList,
  readAxes,
  readAxisList,
  readIntegers,
  readList,
  readOptions,
} from "../../_internal/readers/mod.ts";
import { operation as op } from "../../primitives/mod.ts";
import { apply } from "../../variable/apply.ts";
import { toVariable } from "../../variable/operands.ts";
import type { AxesOptions } from "../../variable/signatures/shapes.ts";
import type { Operand, Variable } from "../../variable/variable.ts";
import { concat } from "./joining.ts";

/**
 * The axes in another order.
 *
 * @param x Any shape
 * @param axes Which axis of x each axis of the result is; by default reversed
 * @throws {RangeError} If the axes are not each named once
 *
 * @example
 * ```ts
 * import { transpose } from "@tapegrad/tapegrad";
 *
 * console.log(transpose([[1, 2], [3, 4]]).value); // [[1, 3], [2, 4]]
 * ```
 */
export function transpose(x: Operand, axes?: readonly number[]): Variable {
  const input = toVariable(x);
  const order = axes === undefined
    ? input.shape.map((_, i) => input.rank - 1 - i)
    : readAxisList("transpose", axes, input.rank);
  if (order.length !== input.rank || new Set(order).size !== order.length) {
    throw new RangeError(
      message`Cannot transpose shape ${input.shape}: axes ${order} must name each axis once`,
    );
  }
  return apply(op.transpose, [input], { axes: order });
}

/**
 * The axes in another order: `transpose` with the axes named.
 *
 * @param x Any shape
 * @param axes Which axis of x each axis of the result is
 * @returns The same elements in another order
 * @throws {RangeError} If the axes are not each named once
 *
 * @example
 * ```ts
 * import { permute } from "@tapegrad/tapegrad";
 *
 * console.log(permute([[[1, 2]]], [2, 0, 1]).shape); // [2, 1, 1]
 * ```
 */
export function permute(x: Operand, axes: readonly number[]): Variable {
  return transpose(x, readList("permute", "the axes", axes));
}

/**
 * Elements in reverse order along axes.
 *
 * @param x Any shape
 * @param options `axis`: one or several, by default all
 * @returns The same shape and dtype
 * @throws {RangeError} If x has no such axis
 *
 * @example
 * ```ts
 * import { flip } from "@tapegrad/tapegrad";
 *
 * console.log(flip([1, 2, 3]).value); // [3, 2, 1]
 * ```
 */
export function flip(x: Operand, options?: AxesOptions): Variable {
  const { axis } = readOptions("flip", options, { axis: undefined });
  const input = toVariable(x);
  const axes = readAxes("flip", axis, input.rank);
  if (axes.length === 0) return input;
  return apply(op.stridedSlice, [input], {
    begin: input.shape.map((n, i) => axes.includes(i) ? n - 1 : 0),
    size: input.shape,
    step: input.shape.map((_, i) => axes.includes(i) ? -1 : 1),
  });
}

/**
 * Elements moved along axes; those that leave at one end come back at the other.
 *
 * @param x Any shape
 * @param shift How far toward the end, negative toward the start: one number, or one for each axis
 * @param options `axis`: one or several; by default x is read as one row
 * @returns The same shape and dtype
 * @throws {RangeError} If x has no such axis, or a shift is not an integer
 *
 * @example
 * ```ts
 * import { roll } from "@tapegrad/tapegrad";
 *
 * console.log(roll([1, 2, 3, 4], 1).value); // [4, 1, 2, 3]
 * ```
 */
export function roll(x: Operand, shift: number | readonly number[], options?: AxesOptions): Variable {
  const { axis } = readOptions("roll", options, { axis: undefined });
  const input = toVariable(x);
  const given = readIntegers("roll", "the shift", shift);
  if (axis === undefined) return roll(input.reshape([input.size]), given, { axis: 0 }).reshape(input.shape);
  const axes = readAxisList("roll", axis, input.rank);
  const shifts = isList(shift) ? given : axes.map(() => given[0]!);
  if (shifts.length !== axes.length) {
    throw new RangeError(
      message`Cannot roll ${axes.length} axes by ${shifts.length} shifts: pass one for
      each axis`,
    );
  }
  return axes.reduce((y, along, k) => {
    const length = y.shape[along]!;
    const by = length === 0 ? 0 : shifts[k]! % length;
    const start = by > 0 ? length - by : -by;
    if (start === 0) return y;
    const part = (from: number, size: number): Variable =>
      y.slice(
        y.shape.map((_, i) => i === along ? from : 0),
        y.shape.map((n, i) => i === along ? size : n),
      );
    return concat([part(start, length - start), part(0, start)], { axis: along });
  }, input);
}
