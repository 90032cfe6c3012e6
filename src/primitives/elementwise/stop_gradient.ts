import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** The operand itself, without derivative: recorded where the value must be known to depend on something. */
export const stopGradient: Primitive<1> = elementwise({
  name: "stopGradient",
  arity: 1,
  lower: (_, x) => x,
  vjp: [null],
});
