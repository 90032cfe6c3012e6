import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** Exponential minus 1, exact near 0. */
export const expm1: Primitive<1> = elementwise({
  name: "expm1",
  arity: 1,
  lower: (s, x) => s.expm1(x),
  vjp: [({ ops, output }, g) => ops.mul(g, ops.add(output, 1))],
});
