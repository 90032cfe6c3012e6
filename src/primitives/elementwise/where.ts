import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** The second operand where the first is not 0, else the third; the branch not taken has derivative 0. */
export const where: Primitive<3> = elementwise({
  name: "where",
  arity: 3,
  lower: (s, c, x, y) => s.select(c, x, y),
  vjp: [null, ({ ops, x }, g) => ops.where(x, g, 0), ({ ops, x }, g) => ops.where(x, 0, g)],
  untyped: [0],
});
