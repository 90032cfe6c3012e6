import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** Remainder with the sign of the divisor. The derivative by the divisor is -floor(x / y). */
export const mod: Primitive<2> = elementwise({
  name: "mod",
  arity: 2,
  lower: (s, x, y) => s.mod(x, y),
  vjp: [
    (_, g) => g,
    ({ ops, x, y, output }, g) => ops.neg(ops.mul(g, ops.round(ops.div(ops.sub(x, output), y)))),
  ],
  domains: [[1.1, 1.9], [0.6, 0.9]],
});
