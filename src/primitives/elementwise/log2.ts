import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** Logarithm to base 2. */
export const log2: Primitive<1> = elementwise({
  name: "log2",
  arity: 1,
  lower: (s, x) => s.log2(x),
  vjp: [({ ops, x }, g) => ops.div(ops.mul(g, Math.LOG2E), x)],
  domains: [[0.5, 3]],
});
