import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** Inverse of the error function; the derivative at -1 and 1 is infinite. */
export const erfinv: Primitive<1> = elementwise({
  name: "erfinv",
  arity: 1,
  lower: (s, x) => s.erfinv(x),
  vjp: [({ ops, output }, g) => ops.mul(g, ops.mul(ops.exp(ops.square(output)), Math.sqrt(Math.PI) / 2))],
  domains: [[-0.8, 0.8]],
});
