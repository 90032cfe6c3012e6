import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** Logarithm of the absolute value of the gamma function. */
export const lgamma: Primitive<1> = elementwise({
  name: "lgamma",
  arity: 1,
  lower: (s, x) => s.lgamma(x),
  vjp: [({ ops, x }, g) => ops.mul(g, ops.polygamma(0, x))],
  domains: [[0.5, 4]],
});
