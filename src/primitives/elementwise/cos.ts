import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** Cosine of an angle in radians. */
export const cos: Primitive<1> = elementwise({
  name: "cos",
  arity: 1,
  lower: (s, x) => s.cos(x),
  vjp: [({ ops, x }, g) => ops.neg(ops.mul(g, ops.sin(x)))],
});
