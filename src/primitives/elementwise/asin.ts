import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** Inverse sine. */
export const asin: Primitive<1> = elementwise({
  name: "asin",
  arity: 1,
  lower: (s, x) => s.asin(x),
  vjp: [({ ops, x }, g) => ops.div(g, ops.sqrt(ops.mul(ops.sub(1, x), ops.add(1, x))))],
  domains: [[-0.8, 0.8]],
});
