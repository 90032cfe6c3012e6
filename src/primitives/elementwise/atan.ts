import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** Inverse tangent. The derivative is taken in 1 / x far from 0, where x² would overflow. */
export const atan: Primitive<1> = elementwise({
  name: "atan",
  arity: 1,
  lower: (s, x) => s.atan(x),
  vjp: [({ ops, x }, g) => {
    const far = ops.gt(ops.abs(x), 1);
    const near = ops.where(far, ops.div(1, ops.where(far, x, 1)), x);
    const square = ops.square(near);
    return ops.div(ops.mul(g, ops.where(far, square, 1)), ops.add(square, 1));
  }],
});
