import { argCumMaxArray } from "../../array/reductions.ts";
import { shiftAxis } from "../batching.ts";
import type { Primitive } from "../primitive.ts";
import { toArray } from "../../array/value.ts";

/** For each element the index of the largest one up to it along an axis. */
export const argCumMax: Primitive<1, { readonly axis: number }> = {
  arity: 1,
  shape: ([shape]) => shape,
  forward: ([x], { axis }) => argCumMaxArray(toArray(x), axis),
  vjp: [null],
  jvp: [null],
  // float32 counts no further than 2 ** 24.
  dtype: () => "float64",
  batch: shiftAxis,
  samples: [
    { shapes: [[5]], attributes: { axis: 0 } },
    { shapes: [[2, 3, 2]], attributes: { axis: 1 } },
    { shapes: [[0, 2]], attributes: { axis: 0 } },
  ],
};
