import { message } from "../../_internal/message.ts";
import { readAxis, readChoice, readInteger, readOptions } from "../../_internal/readers/mod.ts";
import { operation as op } from "../../primitives/mod.ts";
import { apply } from "../../variable/apply.ts";
import { toVariable } from "../../variable/operands.ts";
import type { SearchSortedOptions, SortOptions, TopK } from "../../variable/signatures/indexing.ts";
import type { AxisOptions } from "../../variable/signatures/shapes.ts";
import type { Operand, Variable } from "../../variable/variable.ts";

/**
 * Elements in order along an axis; NaN counts as the largest. The derivative follows each element to its
 * place, equal ones staying in order.
 *
 * @param x At least one axis
 * @param options `axis`, by default the last; `descending`
 * @returns The same shape and dtype
 * @throws {RangeError} If x has no such axis
 *
 * @example
 * ```ts
 * import { sort } from "@tapegrad/tapegrad";
 *
 * console.log(sort([3, 1, 2]).value); // [1, 2, 3]
 * ```
 */
export function sort(x: Operand, options?: SortOptions): Variable {
  const { axis, descending } = readOptions("sort", options, { axis: -1, descending: false });
  const input = toVariable(x);
  const along = readAxis("sort", axis, input.rank);
  return apply(op.takeAlongAxis, [input, argSort(input, { axis: along, descending })], { axis: along });
}

/**
 * Indices that sort an array along an axis; equal elements stay in order and NaN counts as the largest. No
 * derivative.
 *
 * @param x At least one axis
 * @param options `axis`, by default the last; `descending`
 * @returns Integers in float64, the same shape
 * @throws {RangeError} If x has no such axis
 *
 * @example
 * ```ts
 * import { argSort } from "@tapegrad/tapegrad";
 *
 * console.log(argSort([30, 10, 20]).value); // [1, 2, 0]
 * ```
 */
export function argSort(x: Operand, options?: SortOptions): Variable {
  const { axis, descending } = readOptions("argSort", options, { axis: -1, descending: false });
  const input = toVariable(x);
  return apply(op.argSort, [input], { axis: readAxis("argSort", axis, input.rank), descending });
}

/**
 * The k largest elements along an axis, the largest first, and their indices. Of equal elements the first ones
 * are taken and have the derivative, as in JAX.
 *
 * @param x At least one axis
 * @param k From 0 to the length of the axis
 * @param options `axis`, by default the last
 * @returns Elements in the dtype of x, which have the derivative, and indices
 * @throws {RangeError} If x has no such axis, or not so many elements
 *
 * @example
 * ```ts
 * import { topK } from "@tapegrad/tapegrad";
 *
 * const { values, indices } = topK([1, 9, 5], 2);
 * console.log(values.value, indices.value); // [9, 5] [1, 2]
 * ```
 */
export function topK(x: Operand, k: number, options?: AxisOptions): TopK {
  const { axis } = readOptions("topK", options, { axis: -1 });
  const input = toVariable(x);
  const along = readAxis("topK", axis, input.rank);
  const length = input.shape[along]!;
  if (readInteger("topK", "k", k, 0) > length) {
    throw new RangeError(message`Cannot take the ${k} largest elements: axis ${along} has ${length}`);
  }
  const order = argSort(input, { axis: along, descending: true });
  const indices = order.slice(
    order.shape.map(() => 0),
    order.shape.map((n, i) => i === along ? k : n),
  );
  return { values: apply(op.takeAlongAxis, [input, indices], { axis: along }), indices };
}

/**
 * Places at which values would go into an ascending row so that it stays ascending; NaN counts as the largest.
 * No derivative.
 *
 * @param sorted `[n]`, ascending, which is not checked
 * @param values Any shape
 * @param options `side`: before equal elements (`"left"`, the default) or after them (`"right"`)
 * @returns Integers from 0 to n in float64, the shape of the values
 * @throws {TypeError} If `sorted` has not one axis
 * @throws {RangeError} If the side is unknown
 *
 * @example
 * ```ts
 * import { searchSorted } from "@tapegrad/tapegrad";
 *
 * console.log(searchSorted([10, 20, 30], [5, 20, 35]).value); // [0, 1, 3]
 * ```
 */
export function searchSorted(
  sorted: Operand,
  values: Operand,
  options?: SearchSortedOptions,
): Variable {
  const { side } = readOptions("searchSorted", options, { side: "left" });
  const right = readChoice("searchSorted", "side", side, ["left", "right"]) === "right";
  return apply(op.searchSorted, [sorted, values], { right });
}
