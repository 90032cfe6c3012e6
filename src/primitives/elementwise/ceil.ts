import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** The smallest integer from a number on; the derivative is zero everywhere. */
export const ceil: Primitive<1> = elementwise({
  name: "ceil",
  arity: 1,
  lower: (s, x) => s.ceil(x),
  vjp: [null],
  domains: [[0.6, 0.9]],
});
