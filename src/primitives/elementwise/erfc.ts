import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** Complementary error function, 1 - erf(x). Beyond 30 its derivative is 0, as for erf. */
export const erfc: Primitive<1> = elementwise({
  name: "erfc",
  arity: 1,
  lower: (s, x) => s.erfc(x),
  vjp: [
    ({ ops, x }, g) =>
      ops.mul(g, ops.mul(ops.exp(ops.neg(ops.square(ops.clip(x, -30, 30)))), -2 / Math.sqrt(Math.PI))),
  ],
});
