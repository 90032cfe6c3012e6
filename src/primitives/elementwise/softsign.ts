import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** x / (1 + |x|). */
export const softsign: Primitive<1> = elementwise({
  name: "softsign",
  arity: 1,
  lower: (s, x) => s.select(s.eq(s.abs(x), Infinity), s.sign(x), s.div(x, s.add(1, s.abs(x)))),
  vjp: [({ ops, x }, g) => {
    const below = ops.add(ops.abs(x), 1);
    return ops.div(ops.div(g, below), below);
  }],
  domains: [[0.5, 2]],
});
