import type { DType } from "../../array/dtype.ts";
import { alongLeadingAxes } from "../batching.ts";
import type { Primitive } from "../primitive.ts";
import { toArray } from "../../array/value.ts";

/** The same values in another element type; the engine casts the cotangent back. */
export const cast: Primitive<1, { readonly dtype: DType }> = {
  arity: 1,
  shape: ([shape]) => shape,
  dtype: ({ dtype }) => dtype,
  forward: ([x], { dtype }) => toArray(x).cast(dtype),
  vjp: [(_, g) => g],
  linear: true,
  batch: alongLeadingAxes,
  samples: [{ shapes: [[2, 3]], attributes: { dtype: "float64" } }],
};
