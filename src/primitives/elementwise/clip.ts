import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** x kept between bounds; the upper one wins where they cross. x itself has the derivative at a bound. */
export const clip: Primitive<3> = elementwise({
  name: "clip",
  arity: 3,
  lower: (s, x, low, high) => s.min(s.max(x, low), high),
  vjp: [
    ({ ops, inputs: [x, low, high] }, g) => ops.mul(g, ops.mul(ops.ge(x!, low!), ops.le(x!, high!))),
    ({ ops, inputs: [x, low, high] }, g) => ops.mul(g, ops.mul(ops.lt(x!, low!), ops.le(low!, high!))),
    ({ ops, inputs: [x, low, high] }, g) => ops.mul(g, ops.gt(ops.maximum(x!, low!), high!)),
  ],
});
