import { elementwise, type Lower } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** 1 where the first operand is equal (to the second), else 0; the derivative is zero. */
export const eq: Primitive<2> = comparison((s, x, y) => s.eq(x, y));

/** 1 where the first operand is different (to the second), else 0; the derivative is zero. */
export const ne: Primitive<2> = comparison((s, x, y) => s.ne(x, y));

/** 1 where the first operand is less (to the second), else 0; the derivative is zero. */
export const lt: Primitive<2> = comparison((s, x, y) => s.lt(x, y));

/** 1 where the first operand is less or equal (to the second), else 0; the derivative is zero. */
export const le: Primitive<2> = comparison((s, x, y) => s.le(x, y));

/** 1 where the first operand is greater (to the second), else 0; the derivative is zero. */
export const gt: Primitive<2> = comparison((s, x, y) => s.gt(x, y));

/** 1 where the first operand is greater or equal (to the second), else 0; the derivative is zero. */
export const ge: Primitive<2> = comparison((s, x, y) => s.ge(x, y));

/** The second operand where the first is not 0, else the third; the branch not taken has derivative 0. */
export const where: Primitive<3> = elementwise({
  arity: 3,
  lower: (s, c, x, y) => s.select(c, x, y),
  vjp: [null, ({ ops, x }, g) => ops.where(x, g, 0), ({ ops, x }, g) => ops.where(x, 0, g)],
  untyped: [0],
});

function comparison(lower: Lower): Primitive<2> {
  return elementwise({ arity: 2, lower, vjp: [null, null] });
}
