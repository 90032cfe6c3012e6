import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** log(x / (1 - x)), the inverse of sigmoid; near 1/2 by atanh, which keeps the zero exact. */
export const logit: Primitive<1> = elementwise({
  name: "logit",
  arity: 1,
  lower: (s, x) => {
    const centred = s.sub(s.mul(2, x), 1);
    const near = s.lt(s.abs(centred), 0.5);
    return s.select(near, s.mul(2, s.atanh(centred)), s.log(s.div(x, s.sub(1, x))));
  },
  vjp: [({ ops, x }, g) => ops.div(ops.div(g, x), ops.sub(1, x))],
  domains: [[0.1, 0.9]],
});
