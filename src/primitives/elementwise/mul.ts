import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** Product, element by element. */
export const mul: Primitive<2> = elementwise({
  name: "mul",
  arity: 2,
  lower: (s, x, y) => s.mul(x, y),
  vjp: [({ ops, y }, g) => ops.mul(g, y), ({ ops, x }, g) => ops.mul(g, x)],
});
