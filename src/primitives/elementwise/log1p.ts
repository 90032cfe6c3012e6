import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** Logarithm of 1 + x, exact near 0. */
export const log1p: Primitive<1> = elementwise({
  name: "log1p",
  arity: 1,
  lower: (s, x) => s.log1p(x),
  vjp: [({ ops, x }, g) => ops.div(g, ops.add(x, 1))],
  domains: [[-0.5, 3]],
});
