import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** Inverse hyperbolic sine. */
export const asinh: Primitive<1> = elementwise({
  name: "asinh",
  arity: 1,
  lower: (s, x) => s.asinh(x),
  vjp: [({ ops, x }, g) => ops.div(g, ops.hypot(x, 1))],
});
