import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** Reciprocal square root; the derivative at 0 is -Infinity. */
export const rsqrt: Primitive<1> = elementwise({
  name: "rsqrt",
  arity: 1,
  lower: (s, x) => s.div(1, s.sqrt(x)),
  vjp: [({ ops, x, output }, g) => ops.div(ops.mul(g, ops.mul(output, -0.5)), x)],
  domains: [[0.5, 3]],
});
