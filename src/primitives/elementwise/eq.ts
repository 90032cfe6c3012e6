import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** 1 where the first operand is equal (to the second), else 0; the derivative is zero. */
export const eq: Primitive<2> = elementwise({
  name: "eq",
  arity: 2,
  lower: (s, x, y) => s.eq(x, y),
  vjp: [null, null],
});
