import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** Sum of two operands. */
export const add: Primitive<2> = elementwise({
  name: "add",
  arity: 2,
  lower: (s, x, y) => s.add(x, y),
  vjp: [(_, g) => g, (_, g) => g],
});
