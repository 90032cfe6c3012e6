import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** Tangent of an angle in radians. */
export const tan: Primitive<1> = elementwise({
  name: "tan",
  arity: 1,
  lower: (s, x) => s.tan(x),
  vjp: [({ ops, output }, g) => ops.mul(g, ops.add(ops.square(output), 1))],
  domains: [[-1, 1]],
});
