import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** 1 where the first operand is less or equal (to the second), else 0; the derivative is zero. */
export const le: Primitive<2> = elementwise({
  name: "le",
  arity: 2,
  lower: (s, x, y) => s.le(x, y),
  vjp: [null, null],
});
