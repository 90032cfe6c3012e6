import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** The smaller of two operands; a tie shares the derivative in halves. */
export const minimum: Primitive<2> = elementwise({
  name: "minimum",
  arity: 2,
  lower: (s, x, y) => s.min(x, y),
  vjp: [
    ({ ops, x, y }, g) => ops.mul(g, ops.add(ops.mul(ops.lt(x, y), 0.5), ops.mul(ops.le(x, y), 0.5))),
    ({ ops, x, y }, g) => ops.mul(g, ops.add(ops.mul(ops.lt(y, x), 0.5), ops.mul(ops.le(y, x), 0.5))),
  ],
});
