/** Elements chosen by masks, blocks and arrays of indices. */
import { message } from "../../_internal/message.ts";
import { readAxis, readIntegers, readOptions } from "../../_internal/readers/mod.ts";
import { canBroadcast, type Shape, sizeOf } from "../../array/shape.ts";
import { checkElements, refuseMask } from "../_operands.ts";
import { operation as op } from "../../primitives/mod.ts";
import { apply } from "../../variable/apply.ts";
import { readOperands, toVariable } from "../../variable/operands.ts";
import type { AxisOptions } from "../../variable/signatures/shapes.ts";
import type { Operand, Variable } from "../../variable/variable.ts";

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
  options?: AxisOptions,
): Variable {
  const { axis } = readOptions("scatterAdd", options, { axis: 0 });
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
  const flat = input.reshape([sizeOf(lengths), ...input.shape.slice(depth)]);
  return flat.gather(flattenPositions("gatherND", places, lengths));
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

/** Positions as one number each, which could be right although they are not: every index is checked on its own. */
function flattenPositions(operation: string, places: Variable, lengths: Shape): Variable {
  const rest = places.shape.slice(0, -1);
  const column = (axis: number): Variable =>
    checkElements(places.slice([...rest.map(() => 0), axis], [...rest, 1]), {
      operation,
      what: "index",
      where: ` along axis ${axis}`,
      min: 0,
      max: lengths[axis]! - 1,
      isInteger: true,
    });
  return lengths.map((_, axis) => column(axis))
    .reduce(
      (sum, index, axis) => axis === 0 ? index : sum.mul(lengths[axis]!).add(index),
      toVariable(0).broadcastTo([...rest, 1]),
    )
    .reshape(rest);
}

/**
 * A block of x.
 *
 * @param x At least one axis
 * @param begin Where the block starts, along the first axis or along each; negative counts from the end
 * @param size How long it is; -1 or left out is the rest
 * @throws {RangeError} If the block does not lie inside x
 *
 * @example
 * ```ts
 * import { slice } from "@tapegrad/tapegrad";
 *
 * console.log(slice([1, 2, 3, 4], 1, 2).value); // [2, 3]
 * ```
 */
export function slice(
  x: Operand,
  begin: number | readonly number[],
  size: number | readonly number[] = [],
): Variable {
  const input = toVariable(x);
  const { shape, rank } = input;
  const begins = readIntegers("slice", "begin", begin);
  const sizes = readIntegers("slice", "size", size, -1);
  if (begins.length > rank || sizes.length > rank) {
    throw new RangeError(
      message`Cannot slice shape ${shape}: begin ${begins} and size ${sizes} name more axes than it has`,
    );
  }
  const from = shape.map((length, i) => {
    const first = begins[i] ?? 0;
    return first < 0 ? first + length : first;
  });
  const block = shape.map((length, i) => {
    const count = sizes[i] ?? -1;
    return count === -1 ? length - from[i]! : count;
  });
  return apply(op.slice, [input], { begin: from, size: block });
}

/**
 * Slices of x along an axis: `out[i] = x[indices[i]]` for axis 0. Derivatives of a slice taken twice add up.
 *
 * @param x At least one axis
 * @param indices Integers from 0 to the length of the axis less 1, any shape
 * @param options `axis`, by default 0
 * @returns The shape of x with the axis replaced by the shape of the indices
 * @throws {RangeError} If an index is not an integer or out of range
 *
 * @example
 * ```ts
 * import { gather } from "@tapegrad/tapegrad";
 *
 * console.log(gather([10, 20, 30], [2, 0]).value); // [30, 10]
 * ```
 */
export function gather(x: Operand, indices: Operand, options?: AxisOptions): Variable {
  const input = toVariable(x);
  const { axis } = readOptions("gather", options, { axis: 0 });
  refuseMask("gather", indices);
  return apply(op.gather, [input, indices], { axis: readAxis("gather", axis, input.rank) });
}

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
export function takeAlongAxis(x: Operand, indices: Operand, options?: AxisOptions): Variable {
  const { axis } = readOptions("takeAlongAxis", options, { axis: -1 });
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
  options?: AxisOptions,
): Variable {
  const { axis } = readOptions("addAlongAxis", options, { axis: -1 });
  const [input, added] = readOperands(x, values);
  const along = readAxis("addAlongAxis", axis, input.rank);
  const places = spread(toVariable(indices), input.shape, along);
  const all = added.broadcastTo(places.shape);
  return input.add(apply(op.addAlongAxis, [all, places], { axis: along, shape: input.shape }));
}

/** Repeats indices along all axes but one, where they have length 1 and the array has not. */
function spread(indices: Variable, shape: Shape, axis: number): Variable {
  if (indices.rank !== shape.length) return indices;
  const wanted = shape.map((n, i) => i === axis ? indices.shape[i]! : n);
  return canBroadcast(indices.shape, wanted) ? indices.broadcastTo(wanted) : indices;
}
