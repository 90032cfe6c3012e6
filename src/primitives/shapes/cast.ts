import type { DType } from "../../array/dtype.ts";
import type { Primitive } from "../primitive.ts";
import { toArray } from "../reductions/reduction.ts";

/** The same values in another element type; the engine casts the cotangent back. */
export const cast: Primitive<1, { readonly dtype: DType }> = {
  name: "cast",
  arity: 1,
  shape: ([shape]) => shape!,
  dtype: ({ dtype }) => dtype,
  forward: ([x], { dtype }) => toArray(x!).cast(dtype),
  vjp: [(_, g) => g],
  jvp: [({ ops, attributes }, dx) => ops.cast(dx, attributes)],
  batch: ({ ops, inputs: [x], attributes }) => ops.cast(x!, attributes),
  samples: [{ shapes: [[2, 3]], attributes: { dtype: "float64" } }],
};
