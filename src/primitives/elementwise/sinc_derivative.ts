import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** The derivative of sin(pi x) / (pi x) of the given order, itself for 0. */
export const sincDerivative: Primitive<2> = elementwise({
  name: "sincDerivative",
  arity: 2,
  lower: (s, order, x) => s.sincDerivative(order, x),
  vjp: [null, ({ ops, x: order, y: x }, g) => ops.mul(g, ops.sincDerivative(ops.add(order, 1), x))],
  domains: [[0, 3], [-2, 2]],
  untyped: [0],
});
