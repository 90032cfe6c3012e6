import { argSortArray } from "../../array/sorting.ts";
import { shiftAxis } from "../batching.ts";
import type { Primitive } from "../primitive.ts";
import { toArray } from "../../array/value.ts";

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
