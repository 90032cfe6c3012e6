import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** 1 where the first operand is different (to the second), else 0; the derivative is zero. */
export const ne: Primitive<2> = elementwise({
  name: "ne",
  arity: 2,
  lower: (s, x, y) => s.ne(x, y),
  vjp: [null, null],
});
