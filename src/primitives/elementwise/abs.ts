import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** Absolute value; the subgradient at 0 is 0. */
export const abs: Primitive<1> = elementwise({
  name: "abs",
  arity: 1,
  lower: (s, x) => s.abs(x),
  vjp: [({ ops, x }, g) => ops.mul(g, ops.sign(x))],
  domains: [[0.5, 2]],
});
