import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** Square root; the derivative at 0 is infinite. */
export const sqrt: Primitive<1> = elementwise({
  name: "sqrt",
  arity: 1,
  lower: (s, x) => s.sqrt(x),
  vjp: [({ ops, output }, g) => ops.div(ops.mul(g, 0.5), output)],
  domains: [[0.5, 3]],
});
