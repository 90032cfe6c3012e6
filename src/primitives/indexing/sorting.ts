/** The order of elements, and places in it. */
import { message } from "../../_internal/message.ts";
import { argSortArray, searchSortedArray } from "../../array/sorting.ts";
import { toArray } from "../../array/value.ts";
import { shiftAxis } from "../batching.ts";
import type { Primitive } from "../primitive.ts";

/** The attributes of {@linkcode argSort}. */
interface Order {
  /** The axis, not negative. */
  readonly axis: number;
  /** Whether the largest element comes first. */
  readonly descending: boolean;
}

/** The indices that sort an array along an axis; equal elements stay in order. */
export const argSort: Primitive<1, Order> = {
  arity: 1,
  shape: ([shape]) => shape,
  forward: ([x], { axis, descending }) => argSortArray(toArray(x), axis, descending),
  vjp: [null],
  jvp: [null],
  // float32 counts no further than 2 ** 24.
  dtype: () => "float64",
  batch: shiftAxis,
  samples: [
    { shapes: [[5]], attributes: { axis: 0, descending: false } },
    { shapes: [[2, 3, 2]], attributes: { axis: 1, descending: true } },
    { shapes: [[1, 2]], attributes: { axis: 0, descending: false } },
    { shapes: [[0, 2]], attributes: { axis: 0, descending: false } },
  ],
};

/** Where values would go into an ascending row: before elements equal to them, or after. */
export const searchSorted: Primitive<2, { readonly right: boolean }> = {
  arity: 2,
  shape: ([sorted, values]) => {
    if (sorted.length === 1) return values;
    throw new TypeError(
      message`Cannot search an array of shape ${sorted}: the sorted operand must have one
      axis`,
    );
  },
  forward: ([sorted, values], { right }) => searchSortedArray(toArray(sorted).data, toArray(values), right),
  vjp: [null, null],
  jvp: [null, null],
  // float32 counts no further than 2 ** 24.
  dtype: () => "float64",
  samples: [
    { shapes: [[4], [3]], attributes: { right: false } },
    { shapes: [[4], [2, 3]], attributes: { right: true } },
    { shapes: [[0], [2]], attributes: { right: false } },
    { shapes: [[3], []], attributes: { right: false } },
  ],
};
