import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** Logistic function, 1 / (1 + exp(-x)). */
export const sigmoid: Primitive<1> = elementwise({
  name: "sigmoid",
  arity: 1,
  lower: (s, x) => s.sigmoid(x),
  vjp: [({ ops, output }, g) => ops.mul(g, ops.mul(output, ops.sub(1, output)))],
});
