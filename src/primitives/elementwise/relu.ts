import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** Rectifier, max(x, 0); the subgradient at 0 is 0. */
export const relu: Primitive<1> = elementwise({
  name: "relu",
  arity: 1,
  lower: (s, x) => s.max(x, 0),
  vjp: [({ ops, x }, g) => ops.mul(g, ops.gt(x, 0))],
  domains: [[0.5, 2]],
});
