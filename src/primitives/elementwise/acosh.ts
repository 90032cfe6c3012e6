import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** Inverse hyperbolic cosine; the derivative at 1 is infinite. */
export const acosh: Primitive<1> = elementwise({
  name: "acosh",
  arity: 1,
  lower: (s, x) => s.acosh(x),
  vjp: [({ ops, x }, g) => ops.div(ops.div(g, ops.sqrt(ops.sub(x, 1))), ops.sqrt(ops.add(x, 1)))],
  domains: [[1.5, 3]],
});
