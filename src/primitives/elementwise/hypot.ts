import { elementwise } from "./define.ts";
import type { Ops, Primitive } from "../primitive.ts";

/** The length of the vector (x, y), without overflow. At the origin the derivatives are 0. */
export const hypot: Primitive<2> = elementwise({
  name: "hypot",
  arity: 2,
  lower: (s, x, y) => s.hypot(x, y),
  vjp: [
    ({ ops, x, output }, g) => ops.mul(g, overLength(ops, x, output)),
    ({ ops, y, output }, g) => ops.mul(g, overLength(ops, y, output)),
  ],
  domains: [[0.5, 2], [-2, -0.5]],
});

/** part / length; at infinity 1 or -1 if the part is infinite itself, else 0; 0 at the origin. */
function overLength<T>(ops: Ops<T>, part: T, length: T): T {
  const fits = ops.mul(ops.ne(length, 0), ops.ne(length, Infinity));
  const limit = ops.mul(ops.sign(part), ops.eq(ops.abs(part), length));
  return ops.where(fits, ops.div(part, ops.where(fits, length, 1)), limit);
}
