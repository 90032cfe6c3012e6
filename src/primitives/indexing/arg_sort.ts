import { argSortArray } from "../../array/sorting.ts";
import type { Primitive } from "../primitive.ts";
import { toArray } from "../reductions/reduction.ts";

/** The attributes of {@linkcode argSort}. */
interface Order {
  /** The axis, not negative. */
  readonly axis: number;
  /** Whether the largest element comes first. */
  readonly descending: boolean;
}

/** The indices that sort an array along an axis; equal elements stay in order. */
export const argSort: Primitive<1, Order> = {
  name: "argSort",
  arity: 1,
  shape: ([shape]) => shape!,
  forward: ([x], { axis, descending }) => argSortArray(toArray(x!), axis, descending),
  vjp: [null],
  jvp: [null],
  // float32 counts no further than 2 ** 24.
  dtype: () => "float64",
  batch: ({ ops, inputs: [x], attributes: { axis, descending } }) =>
    ops.argSort(x!, { axis: axis + 1, descending }),
  samples: [
    { shapes: [[5]], attributes: { axis: 0, descending: false } },
    { shapes: [[2, 3, 2]], attributes: { axis: 1, descending: true } },
    { shapes: [[1, 2]], attributes: { axis: 0, descending: false } },
    { shapes: [[0, 2]], attributes: { axis: 0, descending: false } },
  ],
};
