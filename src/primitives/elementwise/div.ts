import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** Quotient. */
export const div: Primitive<2> = elementwise({
  name: "div",
  arity: 2,
  lower: (s, x, y) => s.div(x, y),
  vjp: [({ ops, y }, g) => ops.div(g, y), ({ ops, y, output }, g) => ops.neg(ops.div(ops.mul(g, output), y))],
  domains: [[-2, 2], [0.5, 2]],
});
