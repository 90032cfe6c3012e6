import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/**
 * Gaussian error linear unit, x times the normal distribution function, which erfc gives exactly in the tail.
 */
export const gelu: Primitive<1> = elementwise({
  name: "gelu",
  arity: 1,
  lower: (s, x) => s.mul(x, s.mul(0.5, s.erfc(s.mul(x, -Math.SQRT1_2)))),
  vjp: [({ ops, x }, g) => {
    const distribution = ops.mul(ops.erfc(ops.mul(x, -Math.SQRT1_2)), 0.5);
    const density = ops.mul(ops.exp(ops.mul(ops.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
    return ops.mul(g, ops.add(distribution, ops.mul(x, density)));
  }],
});
