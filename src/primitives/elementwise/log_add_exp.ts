import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** log(exp(x) + exp(y)), without overflow; the derivatives where both are the same infinity are NaN. */
export const logAddExp: Primitive<2> = elementwise({
  name: "logAddExp",
  arity: 2,
  lower: (s, x, y) => {
    const larger = s.max(x, y);
    const apart = s.neg(s.abs(s.sub(x, y)));
    return s.select(s.eq(x, y), s.add(larger, Math.LN2), s.add(larger, s.log1p(s.exp(apart))));
  },
  vjp: [
    ({ ops, x, y }, g) => ops.mul(g, ops.sigmoid(ops.sub(x, y))),
    ({ ops, x, y }, g) => ops.mul(g, ops.sigmoid(ops.sub(y, x))),
  ],
});
