import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** Hyperbolic tangent. */
export const tanh: Primitive<1> = elementwise({
  name: "tanh",
  arity: 1,
  lower: (s, x) => s.tanh(x),
  vjp: [({ ops, output }, g) => ops.mul(g, ops.sub(1, ops.square(output)))],
});
