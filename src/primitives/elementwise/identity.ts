import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** The operand itself: the row that links an input of an inner walk to an outer one. */
export const identity: Primitive<1> = elementwise({
  name: "identity",
  arity: 1,
  lower: (_, x) => x,
  vjp: [(_, g) => g],
});
