import { elementwise } from "./define.ts";
import type { Ops, Primitive } from "../primitive.ts";

/** The angle of the point (y, x) from the x-axis, in -pi to pi. At the origin the derivatives are 0. */
export const atan2: Primitive<2> = elementwise({
  name: "atan2",
  arity: 2,
  lower: (s, y, x) => s.atan2(y, x),
  vjp: [
    ({ ops, inputs: [y, x] }, g) => ops.mul(g, overSquare(ops, x!, ops.hypot(y!, x!))),
    ({ ops, inputs: [y, x] }, g) => ops.neg(ops.mul(g, overSquare(ops, y!, ops.hypot(y!, x!)))),
  ],
  domains: [[0.5, 2], [-2, -0.5]],
});

/** part / length², in steps that do not overflow; 0 at the origin and at infinity. */
function overSquare<T>(ops: Ops<T>, part: T, length: T): T {
  const fits = ops.mul(ops.ne(length, 0), ops.ne(length, Infinity));
  const divisor = ops.where(fits, length, 1);
  return ops.where(fits, ops.div(ops.div(part, divisor), divisor), 0);
}
