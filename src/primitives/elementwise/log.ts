import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** Natural logarithm. */
export const log: Primitive<1> = elementwise({
  name: "log",
  arity: 1,
  lower: (s, x) => s.log(x),
  vjp: [({ ops, x }, g) => ops.div(g, x)],
  domains: [[0.5, 3]],
});
