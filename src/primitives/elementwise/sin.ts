import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** Sine of an angle in radians. */
export const sin: Primitive<1> = elementwise({
  name: "sin",
  arity: 1,
  lower: (s, x) => s.sin(x),
  vjp: [({ ops, x }, g) => ops.mul(g, ops.cos(x))],
});
