import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** Logarithm to base 10. */
export const log10: Primitive<1> = elementwise({
  name: "log10",
  arity: 1,
  lower: (s, x) => s.log10(x),
  vjp: [({ ops, x }, g) => ops.div(ops.mul(g, Math.LOG10E), x)],
  domains: [[0.5, 3]],
});
