import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** The integer part; the derivative is zero everywhere. */
export const trunc: Primitive<1> = elementwise({
  name: "trunc",
  arity: 1,
  lower: (s, x) => s.trunc(x),
  vjp: [null],
  domains: [[0.6, 0.9]],
});
