import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** Error function. Beyond 30 its derivative is 0, which spares an infinite square. */
export const erf: Primitive<1> = elementwise({
  name: "erf",
  arity: 1,
  lower: (s, x) => s.erf(x),
  vjp: [
    ({ ops, x }, g) =>
      ops.mul(g, ops.mul(ops.exp(ops.neg(ops.square(ops.clip(x, -30, 30)))), 2 / Math.sqrt(Math.PI))),
  ],
});
