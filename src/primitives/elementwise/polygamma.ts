import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** The derivative of the digamma function of the given order, itself for 0. */
export const polygamma: Primitive<2> = elementwise({
  name: "polygamma",
  arity: 2,
  lower: (s, order, x) => s.polygamma(order, x),
  vjp: [null, ({ ops, x: order, y: x }, g) => ops.mul(g, ops.polygamma(ops.add(order, 1), x))],
  domains: [[0, 3], [1, 4]],
  untyped: [0],
});
