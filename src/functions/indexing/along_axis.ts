import { readAxis, readOptions } from "../../_internal/readers/mod.ts";
import { canBroadcast, type Shape } from "../../array/shape.ts";
import { operation as op } from "../../primitives/mod.ts";
import { apply } from "../../variable/apply.ts";
import { readOperands, toVariable } from "../../variable/operands.ts";
import type { AxisOptions } from "../../variable/signatures/shapes.ts";
import type { Operand, Variable } from "../../variable/variable.ts";

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
