import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** Inverse hyperbolic tangent; the derivative at -1 and 1 is infinite. */
export const atanh: Primitive<1> = elementwise({
  name: "atanh",
  arity: 1,
  lower: (s, x) => s.atanh(x),
  vjp: [({ ops, x }, g) => ops.div(g, ops.mul(ops.sub(1, x), ops.add(1, x)))],
  domains: [[-0.8, 0.8]],
});
