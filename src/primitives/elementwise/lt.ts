import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** 1 where the first operand is less (to the second), else 0; the derivative is zero. */
export const lt: Primitive<2> = elementwise({
  name: "lt",
  arity: 2,
  lower: (s, x, y) => s.lt(x, y),
  vjp: [null, null],
});
