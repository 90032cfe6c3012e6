import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** 1 where the first operand is greater or equal (to the second), else 0; the derivative is zero. */
export const ge: Primitive<2> = elementwise({
  name: "ge",
  arity: 2,
  lower: (s, x, y) => s.ge(x, y),
  vjp: [null, null],
});
