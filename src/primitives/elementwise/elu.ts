import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/**
 * Exponential linear unit, x where it is positive, else alpha (exp(x) - 1); alpha is the derivative at 0.
 */
export const elu: Primitive<2> = elementwise({
  name: "elu",
  arity: 2,
  lower: (s, x, alpha) => s.select(s.gt(x, 0), x, s.mul(alpha, s.expm1(x))),
  vjp: [
    ({ ops, x, y: alpha }, g) => {
      const positive = ops.gt(x, 0);
      return ops.mul(g, ops.where(positive, 1, ops.mul(alpha, ops.exp(ops.where(positive, 0, x)))));
    },
    ({ ops, x }, g) => ops.mul(g, ops.expm1(ops.where(ops.gt(x, 0), 0, x))),
  ],
  domains: [[-2, -0.5], [-2, 2]],
});
