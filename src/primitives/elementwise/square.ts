import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** Square. */
export const square: Primitive<1> = elementwise({
  name: "square",
  arity: 1,
  lower: (s, x) => s.mul(x, x),
  vjp: [({ ops, x }, g) => ops.mul(g, ops.mul(x, 2))],
});
