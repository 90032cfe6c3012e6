import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** Difference. */
export const sub: Primitive<2> = elementwise({
  name: "sub",
  arity: 2,
  lower: (s, x, y) => s.sub(x, y),
  vjp: [(_, g) => g, ({ ops }, g) => ops.neg(g)],
});
