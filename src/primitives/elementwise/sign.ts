import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** Sign: -1, 0 or 1; the derivative is zero everywhere. */
export const sign: Primitive<1> = elementwise({
  name: "sign",
  arity: 1,
  lower: (s, x) => s.sign(x),
  vjp: [null],
  domains: [[0.5, 2]],
});
