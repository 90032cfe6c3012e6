import { readAxis } from "../../_internal/readers/mod.ts";
import { message } from "../../_internal/message.ts";
import { canBroadcast, type Shape, sizeOf, stridesOf } from "../../array/shape.ts";
import { operation as op } from "../../primitives/mod.ts";
import { elementsOf } from "../reductions/_axes.ts";
import { readOperands } from "../_operands.ts";
import { apply, type AxisOptions, type Operand, toVariable, type Variable } from "../../variable/variable.ts";

/**
 * Single elements along an axis, one for each index: `out[i, j] = x[i, indices[i, j]]` for the last axis of two.
 *
 * @param x At least one axis
 * @param indices Integers from 0 to the length of the axis less 1; on the other axes as long as x, or 1
 * @param options `axis`, by default the last
 * @returns x's lengths, but the indices' along the axis
 * @throws {TypeError} If the shapes do not fit
 * @throws {RangeError} If an index is not an integer or out of range, or x has no such axis
 *
 * @example
 * ```ts
 * import { argSort, takeAlongAxis } from "@tapegrad/tapegrad";
 *
 * const x = [[30, 10, 20]];
 * console.log(takeAlongAxis(x, argSort(x)).value); // [[10, 20, 30]]
 * ```
 */
export function takeAlongAxis(x: Operand, indices: Operand, { axis = -1 }: AxisOptions = {}): Variable {
  const input = toVariable(x);
  const along = readAxis("takeAlongAxis", axis, input.rank);
  return apply(op.takeAlongAxis, [input, spread(toVariable(indices), input.shape, along)], { axis: along });
}

/**
 * x with single elements added to along an axis: `out[i, indices[i, j]] += values[i, j]` for the last axis of
 * two. Where an index comes twice, both values are added.
 *
 * @param x At least one axis
 * @param indices Integers from 0 to the length of the axis less 1; on the other axes as long as x, or 1
 * @param values A shape that broadcasts to that of the indices
 * @param options `axis`, by default the last
 * @returns The shape of x
 * @throws {TypeError} If the shapes do not fit
 * @throws {RangeError} If an index is not an integer or out of range, or x has no such axis
 *
 * @example
 * ```ts
 * import { addAlongAxis } from "@tapegrad/tapegrad";
 *
 * console.log(addAlongAxis([[0, 0, 0]], [[2, 0, 2]], [[1, 2, 3]]).value); // [[2, 0, 4]]
 * ```
 */
export function addAlongAxis(
  x: Operand,
  indices: Operand,
  values: Operand,
  { axis = -1 }: AxisOptions = {},
): Variable {
  const [input, added] = readOperands(x, values);
  const along = readAxis("addAlongAxis", axis, input.rank);
  const places = spread(toVariable(indices), input.shape, along);
  const all = added.broadcastTo(places.shape);
  return input.add(apply(op.addAlongAxis, [all, places], { axis: along, shape: input.shape }));
}

/**
 * x with slices added to along an axis: `out[indices[i]] += values[i]` for axis 0. Where an index comes twice,
 * both slices are added. The counterpart of `gather`.
 *
 * @param x At least one axis
 * @param indices Integers from 0 to the length of the axis less 1, any shape
 * @param values A shape that broadcasts to that of `gather(x, indices)`
 * @param options `axis`, by default 0
 * @returns The shape of x
 * @throws {TypeError} If the shapes do not fit
 * @throws {RangeError} If an index is not an integer or out of range, or x has no such axis
 *
 * @example
 * ```ts
 * import { scatterAdd } from "@tapegrad/tapegrad";
 *
 * console.log(scatterAdd([0, 0, 0], [2, 0, 2], [1, 2, 3]).value); // [2, 0, 4]
 * ```
 */
export function scatterAdd(
  x: Operand,
  indices: Operand,
  values: Operand,
  { axis = 0 }: AxisOptions = {},
): Variable {
  const [input, added] = readOperands(x, values);
  const along = readAxis("scatterAdd", axis, input.rank);
  const places = toVariable(indices);
  const slices = [...input.shape.slice(0, along), ...places.shape, ...input.shape.slice(along + 1)];
  const all = added.broadcastTo(slices);
  return input.add(apply(op.scatterAdd, [all, places], { axis: along, shape: input.shape }));
}

/**
 * Slices of x at positions along several axes: `out[i] = x[indices[i, 0], indices[i, 1], ...]`.
 *
 * @param x At least k axes
 * @param indices `[..., k]`: integers from 0 to the length of each of the first k axes less 1
 * @returns The shape of the indices without the last axis, then the other axes of x
 * @throws {TypeError} If x has fewer axes
 * @throws {RangeError} If an index is not an integer or out of range
 *
 * @example
 * ```ts
 * import { gatherND } from "@tapegrad/tapegrad";
 *
 * console.log(gatherND([[1, 2], [3, 4]], [[0, 1], [1, 0]]).value); // [2, 3]
 * ```
 */
export function gatherND(x: Operand, indices: Operand): Variable {
  const input = toVariable(x);
  const places = toVariable(indices);
  const depth = places.shape.at(-1) ?? Infinity;
  if (depth > input.rank) {
    throw new TypeError(
      message`Cannot gather at positions: shapes ${input.shape} and ${places.shape} of
      array and positions do not fit, the last axis of positions has a number for each of the first axes of
      the array`,
    );
  }
  const lengths = input.shape.slice(0, depth);
  checkPositions(places, lengths);
  const flat = input.reshape([sizeOf(lengths), ...input.shape.slice(depth)]);
  return flat.gather(places.mul(Float64Array.from(stridesOf(lengths))).sum({ axis: -1 }));
}

/**
 * x with a value wherever the mask is not 0; the derivative by x is 0 there.
 *
 * @param x Any shape
 * @param mask 0 or 1, a shape that broadcasts with that of x
 * @param value A number, or a shape that broadcasts with it
 * @returns The broadcast shape
 * @throws {TypeError} If the shapes do not broadcast
 *
 * @example
 * ```ts
 * import { maskedFill } from "@tapegrad/tapegrad";
 *
 * console.log(maskedFill([1, 2, 3], [0, 1, 0], -Infinity).value); // [1, -Infinity, 3]
 * ```
 */
export function maskedFill(x: Operand, mask: Operand, value: Operand): Variable {
  return toVariable(mask).where(value, x);
}

/** Repeats indices along all axes but one, where they have length 1 and the array has not. */
function spread(indices: Variable, shape: Shape, axis: number): Variable {
  if (indices.rank !== shape.length) return indices;
  const wanted = shape.map((n, i) => i === axis ? indices.shape[i]! : n);
  return canBroadcast(indices.shape, wanted) ? indices.broadcastTo(wanted) : indices;
}

/** Positions become one number each, which could be right although they are not: they are checked one by one. */
function checkPositions(places: Variable, lengths: Shape): void {
  const data = elementsOf(places);
  for (let k = 0; k < data.length; k++) {
    const i = data[k]!;
    const axis = k % lengths.length;
    if (Number.isInteger(i) && i >= 0 && i < lengths[axis]!) continue;
    throw new RangeError(
      message`Cannot gather along axis ${axis} of lengths ${lengths}: found the index
      ${i}, indices are integers from 0 to ${lengths[axis]! - 1}`,
    );
  }
}
