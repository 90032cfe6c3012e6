import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** Hyperbolic cosine. */
export const cosh: Primitive<1> = elementwise({
  name: "cosh",
  arity: 1,
  lower: (s, x) => s.cosh(x),
  vjp: [({ ops, x }, g) => ops.mul(g, ops.sinh(x))],
});
