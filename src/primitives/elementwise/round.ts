import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** The nearest integer, a half to the even one; the derivative is zero everywhere. */
export const round: Primitive<1> = elementwise({
  name: "round",
  arity: 1,
  lower: (s, x) => s.round(x),
  vjp: [null],
  domains: [[0.6, 0.9]],
});
