import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** Power of 2. */
export const exp2: Primitive<1> = elementwise({
  name: "exp2",
  arity: 1,
  lower: (s, x) => s.pow(2, x),
  vjp: [({ ops, output }, g) => ops.mul(g, ops.mul(output, Math.LN2))],
});
