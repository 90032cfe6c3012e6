import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** x where it is positive, else x times a slope; the slope is the derivative at 0. */
export const leakyRelu: Primitive<2> = elementwise({
  name: "leakyRelu",
  arity: 2,
  lower: (s, x, slope) => s.select(s.gt(x, 0), x, s.mul(x, slope)),
  vjp: [
    ({ ops, x, y: slope }, g) => ops.mul(g, ops.where(ops.gt(x, 0), 1, slope)),
    ({ ops, x }, g) => ops.mul(g, ops.where(ops.gt(x, 0), 0, x)),
  ],
  domains: [[-2, -0.5], [-2, 2]],
});
