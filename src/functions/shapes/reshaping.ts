/** The same elements in another shape or order. */
import { message } from "../../_internal/message.ts";
import {
  isList,
  readAxes,
  readAxis,
  readAxisList,
  readIntegers,
  readLengths,
  readList,
  readOptions,
  readShape,
} from "../../_internal/readers/mod.ts";
import { checkDType, type DType } from "../../array/dtype.ts";
import { type Shape, sizeOf } from "../../array/shape.ts";
import { concat } from "./joining.ts";
import { operation as op } from "../../primitives/mod.ts";
import { apply } from "../../variable/apply.ts";
import { toVariable } from "../../variable/operands.ts";
import type { AxesOptions, RepeatOptions } from "../../variable/signatures/shapes.ts";
import type { Operand, Variable } from "../../variable/variable.ts";

/**
 * The same elements, row after row, under another shape.
 *
 * @param x Any shape
 * @param shape The new lengths; one of them may be -1 and follows from the others
 * @throws {TypeError} If the number of elements differs
 * @throws {RangeError} If a length is negative or no integer, or no one length fits in place of -1
 *
 * @example
 * ```ts
 * import { reshape } from "@tapegrad/tapegrad";
 *
 * console.log(reshape([1, 2, 3, 4], [2, -1]).value); // [[1, 2], [3, 4]]
 * ```
 */
export function reshape(x: Operand, shape: Shape | number): Variable {
  const input = toVariable(x);
  const lengths = readLengths("reshape", shape);
  const open = lengths.indexOf(-1);
  if (open >= 0) {
    const known = sizeOf(readShape("reshape", lengths.filter((_, i) => i !== open)));
    const length = known === 0 ? NaN : input.size / known;
    if (!Number.isInteger(length)) {
      const why = known === 0
        ? "any length in place of -1 would do, write the one that is meant"
        : `no length in place of -1 gives ${input.size} elements`;
      throw new RangeError(message`Cannot reshape ${input.shape} to ${lengths}: ${why}`);
    }
    lengths[open] = length;
  }
  return apply(op.reshape, [input], { shape: readShape("reshape", lengths) });
}

/**
 * x repeated to a larger shape; the derivative is summed over the repeats.
 *
 * @param x A shape that broadcasts to the new one
 * @param shape The new lengths
 * @throws {TypeError} If x does not broadcast to it
 *
 * @example
 * ```ts
 * import { broadcastTo } from "@tapegrad/tapegrad";
 *
 * console.log(broadcastTo([1, 2], [2, 2]).value); // [[1, 2], [1, 2]]
 * ```
 */
export function broadcastTo(x: Operand, shape: Shape | number): Variable {
  return apply(op.broadcastTo, [x], { shape: readShape("broadcastTo", shape) });
}

/**
 * The same values in another element type; the derivative is cast back.
 *
 * @param x Any shape
 * @param dtype `"float64"` or `"float32"`
 * @throws {TypeError} If there is no such dtype
 *
 * @example
 * ```ts
 * import { cast } from "@tapegrad/tapegrad";
 *
 * console.log(cast(0.1, "float32").value); // 0.10000000149011612
 * ```
 */
export function cast(x: Operand, dtype: DType): Variable {
  return apply(op.cast, [x], { dtype: checkDType(dtype) });
}

/**
 * x repeated as a whole along each axis.
 *
 * @param x Any shape
 * @param repeats How often along the last axes, or along each axis; more numbers than axes add axes in front
 * @returns Each length times its number of repeats, in the dtype of x
 * @throws {RangeError} If a number is not an integer from 0 up
 *
 * @example
 * ```ts
 * import { tile } from "@tapegrad/tapegrad";
 *
 * console.log(tile([1, 2], 2).value); // [1, 2, 1, 2]
 * console.log(tile([1, 2], [2, 1]).value); // [[1, 2], [1, 2]]
 * ```
 */
export function tile(x: Operand, repeats: number | readonly number[]): Variable {
  const input = toVariable(x);
  const given = readIntegers("tile", "the number of repeats", repeats, 0);
  const rank = Math.max(input.rank, given.length);
  const aligned = (list: readonly number[]): number[] => [
    ...new Array<number>(rank - list.length).fill(1),
    ...list,
  ];
  const shape = aligned(input.shape);
  const counts = aligned(given);
  const result = readShape("tile", shape.map((n, i) => n * counts[i]!));
  return input.reshape(shape.flatMap((n) => [1, n]))
    .broadcastTo(shape.flatMap((n, i) => [counts[i]!, n]))
    .reshape(result);
}

/**
 * Every element repeated, one after the other, along an axis.
 *
 * @param x Any shape
 * @param repeats How often, or a number for each index of the axis
 * @param options `axis`; by default x is read as one row
 * @returns The axis as long as all repeats together, in the dtype of x
 * @throws {RangeError} If x has no such axis, or there are not so many repeats as indices
 *
 * @example
 * ```ts
 * import { repeat } from "@tapegrad/tapegrad";
 *
 * console.log(repeat([1, 2], 2).value); // [1, 1, 2, 2]
 * console.log(repeat([1, 2], [3, 1]).value); // [1, 1, 1, 2]
 * ```
 */
export function repeat(
  x: Operand,
  repeats: number | readonly number[],
  options?: RepeatOptions,
): Variable {
  const { axis } = readOptions("repeat", options, { axis: undefined });
  const whole = toVariable(x);
  const input = axis === undefined ? whole.reshape([whole.size]) : whole;
  const along = readAxis("repeat", axis ?? 0, input.rank);
  const { shape } = input;
  const length = shape[along]!;
  const counts = readIntegers("repeat", "the number of repeats", repeats, 0);
  const [count] = counts;
  if (!isList(repeats) && count !== undefined) {
    const result = readShape("repeat", shape.map((n, i) => i === along ? n * count : n));
    const before = shape.slice(0, along + 1);
    const after = shape.slice(along + 1);
    return input.reshape([...before, 1, ...after]).broadcastTo([...before, count, ...after]).reshape(result);
  }
  if (counts.length !== length) {
    throw new RangeError(
      message`Cannot repeat along axis ${along} of shape ${shape}: ${counts.length}
      numbers of repeats are given, ${length} are needed`,
    );
  }
  const total = counts.reduce((a, b) => a + b, 0);
  readShape("repeat", shape.map((n, i) => i === along ? total : n));
  const indices = new Float64Array(total);
  let start = 0;
  counts.forEach((n, i) => indices.fill(i, start, start += n));
  return input.gather(indices, { axis: along });
}

/**
 * x with new axes of length 1.
 *
 * @param x Any shape
 * @param axis One axis or several: their places in the result, negative ones counted from its end
 * @returns The same elements
 * @throws {RangeError} If the result has no such axis
 *
 * @example
 * ```ts
 * import { expandDims } from "@tapegrad/tapegrad";
 *
 * console.log(expandDims([1, 2], -1).value); // [[1], [2]]
 * ```
 */
export function expandDims(x: Operand, axis: number | readonly number[]): Variable {
  const input = toVariable(x);
  const count = isList(axis) ? axis.length : 1;
  const rank = input.rank + count;
  const axes = readAxes("expandDims", isList(axis) ? axis : [axis], rank);
  const lengths = [...input.shape];
  return input.reshape(Array.from({ length: rank }, (_, i) => axes.includes(i) ? 1 : lengths.shift()!));
}

/**
 * x without axes of length 1.
 *
 * @param x Any shape
 * @param axis One axis or several; by default all of length 1
 * @returns The same elements
 * @throws {RangeError} If x has no such axis, or its length is not 1
 *
 * @example
 * ```ts
 * import { squeeze } from "@tapegrad/tapegrad";
 *
 * console.log(squeeze([[[1], [2]]]).value); // [1, 2]
 * ```
 */
export function squeeze(x: Operand, axis?: number | readonly number[]): Variable {
  const input = toVariable(x);
  if (axis === undefined) return input.reshape(input.shape.filter((n) => n !== 1));
  const axes = readAxes("squeeze", axis, input.rank);
  const long = axes.find((a) => input.shape[a] !== 1);
  if (long !== undefined) {
    throw new RangeError(
      message`Cannot squeeze axis ${long} of shape ${input.shape}: its length is not 1`,
    );
  }
  return input.reshape(input.shape.filter((_, i) => !axes.includes(i)));
}

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
