import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** log(1 + exp(x)), without overflow. */
export const softplus: Primitive<1> = elementwise({
  name: "softplus",
  arity: 1,
  lower: (s, x) => s.add(s.max(x, 0), s.log1p(s.exp(s.neg(s.abs(x))))),
  vjp: [({ ops, x }, g) => ops.mul(g, ops.sigmoid(x))],
});
