import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** The largest integer up to a number; the derivative is zero everywhere. */
export const floor: Primitive<1> = elementwise({
  name: "floor",
  arity: 1,
  lower: (s, x) => s.floor(x),
  vjp: [null],
  domains: [[0.6, 0.9]],
});
