import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/**
 * x log(y), and 0 where x is 0 and y is not NaN. Where x is 0 and y is not positive both derivatives are 0.
 */
export const xlogy: Primitive<2> = elementwise({
  name: "xlogy",
  arity: 2,
  lower: (s, x, y) => s.select(s.mul(s.eq(x, 0), s.eq(y, y)), 0, s.mul(x, s.log(y))),
  vjp: [
    ({ ops, x, y }, g) => {
      const empty = ops.mul(ops.eq(x, 0), ops.le(y, 0));
      return ops.where(empty, 0, ops.mul(g, ops.log(ops.where(empty, 1, y))));
    },
    ({ ops, x, y }, g) => {
      const empty = ops.mul(ops.eq(x, 0), ops.le(y, 0));
      return ops.where(empty, 0, ops.div(ops.mul(g, x), ops.where(empty, 1, y)));
    },
  ],
  domains: [[-2, 2], [0.5, 2]],
});
