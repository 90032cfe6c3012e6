import { message } from "../../_internal/message.ts";
import { argMaxArray } from "../../array/sorting.ts";
import { reducedShape } from "../../array/shape.ts";
import { shiftAxis } from "../batching.ts";
import type { Primitive } from "../primitive.ts";
import { toArray } from "../../array/value.ts";

/** Index of the largest element along an axis, which is dropped; of equal ones the first. */
export const argMax: Primitive<1, { readonly axis: number }> = {
  arity: 1,
  shape: ([shape], { axis }) => {
    if (shape[axis] !== 0) return reducedShape(shape, [axis], false);
    throw new TypeError(
      message`Cannot find the largest of no elements: axis ${axis} of shape ${shape} has
      length 0`,
    );
  },
  forward: ([x], { axis }) => argMaxArray(toArray(x), axis),
  vjp: [null],
  jvp: [null],
  // float32 counts no further than 2 ** 24.
  dtype: () => "float64",
  batch: shiftAxis,
  samples: [
    { shapes: [[5]], attributes: { axis: 0 } },
    { shapes: [[2, 3, 2]], attributes: { axis: 1 } },
    { shapes: [[1, 2]], attributes: { axis: 0 } },
    { shapes: [[0, 2]], attributes: { axis: 1 } },
  ],
};
