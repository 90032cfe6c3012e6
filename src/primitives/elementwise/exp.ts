import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** Exponential. */
export const exp: Primitive<1> = elementwise({
  name: "exp",
  arity: 1,
  lower: (s, x) => s.exp(x),
  vjp: [({ ops, output }, g) => ops.mul(g, output)],
});
