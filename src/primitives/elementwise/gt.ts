import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** 1 where the first operand is greater (to the second), else 0; the derivative is zero. */
export const gt: Primitive<2> = elementwise({
  name: "gt",
  arity: 2,
  lower: (s, x, y) => s.gt(x, y),
  vjp: [null, null],
});
