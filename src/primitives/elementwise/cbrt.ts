import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** Cube root; the derivative at 0 is infinite. */
export const cbrt: Primitive<1> = elementwise({
  name: "cbrt",
  arity: 1,
  lower: (s, x) => s.cbrt(x),
  vjp: [({ ops, output }, g) => ops.div(ops.div(ops.div(g, 3), output), output)],
  domains: [[0.5, 3]],
});
