import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** The larger of two operands; a tie shares the derivative in halves. */
export const maximum: Primitive<2> = elementwise({
  name: "maximum",
  arity: 2,
  lower: (s, x, y) => s.max(x, y),
  vjp: [
    ({ ops, x, y }, g) => ops.mul(g, ops.add(ops.mul(ops.gt(x, y), 0.5), ops.mul(ops.ge(x, y), 0.5))),
    ({ ops, x, y }, g) => ops.mul(g, ops.add(ops.mul(ops.gt(y, x), 0.5), ops.mul(ops.ge(y, x), 0.5))),
  ],
});
