import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** Negation. */
export const neg: Primitive<1> = elementwise({
  name: "neg",
  arity: 1,
  lower: (s, x) => s.neg(x),
  vjp: [({ ops }, g) => ops.neg(g)],
});
