import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** Inverse cosine. */
export const acos: Primitive<1> = elementwise({
  name: "acos",
  arity: 1,
  lower: (s, x) => s.acos(x),
  vjp: [({ ops, x }, g) => ops.neg(ops.div(g, ops.sqrt(ops.mul(ops.sub(1, x), ops.add(1, x)))))],
  domains: [[-0.8, 0.8]],
});
