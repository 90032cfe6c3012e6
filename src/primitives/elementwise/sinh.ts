import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** Hyperbolic sine. */
export const sinh: Primitive<1> = elementwise({
  name: "sinh",
  arity: 1,
  lower: (s, x) => s.sinh(x),
  vjp: [({ ops, x }, g) => ops.mul(g, ops.cosh(x))],
});
