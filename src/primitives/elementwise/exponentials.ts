import { elementwise } from "./define.ts";
import type { Ops, Primitive } from "../primitive.ts";

/** Exponential. */
export const exp: Primitive<1> = elementwise({
  arity: 1,
  lower: (s, x) => s.exp(x),
  vjp: [({ ops, output }, g) => ops.mul(g, output)],
});

/** Power of 2. */
export const exp2: Primitive<1> = elementwise({
  arity: 1,
  lower: (s, x) => s.pow(2, x),
  vjp: [({ ops, output }, g) => ops.mul(g, ops.mul(output, Math.LN2))],
});

/** Exponential minus 1, exact near 0. */
export const expm1: Primitive<1> = elementwise({
  arity: 1,
  lower: (s, x) => s.expm1(x),
  vjp: [({ ops, output }, g) => ops.mul(g, ops.add(output, 1))],
});

/** Natural logarithm. */
export const log: Primitive<1> = elementwise({
  arity: 1,
  lower: (s, x) => s.log(x),
  vjp: [({ ops, x }, g) => ops.div(g, x)],
  domains: [[0.5, 3]],
});

/** Logarithm to base 2. */
export const log2: Primitive<1> = elementwise({
  arity: 1,
  lower: (s, x) => s.log2(x),
  vjp: [({ ops, x }, g) => ops.div(ops.mul(g, Math.LOG2E), x)],
  domains: [[0.5, 3]],
});

/** Logarithm to base 10. */
export const log10: Primitive<1> = elementwise({
  arity: 1,
  lower: (s, x) => s.log10(x),
  vjp: [({ ops, x }, g) => ops.div(ops.mul(g, Math.LOG10E), x)],
  domains: [[0.5, 3]],
});

/** Logarithm of 1 + x, exact near 0. */
export const log1p: Primitive<1> = elementwise({
  arity: 1,
  lower: (s, x) => s.log1p(x),
  vjp: [({ ops, x }, g) => ops.div(g, ops.add(x, 1))],
  domains: [[-0.5, 3]],
});

/** log(exp(x) + exp(y)), without overflow; the derivatives are 0 where both are -Infinity. */
export const logAddExp: Primitive<2> = elementwise({
  arity: 2,
  lower: (s, x, y) => {
    const larger = s.max(x, y);
    const apart = s.neg(s.abs(s.sub(x, y)));
    return s.select(s.eq(x, y), s.add(larger, Math.LN2), s.add(larger, s.log1p(s.exp(apart))));
  },
  vjp: [
    ({ ops, x, y, output }, g) => ops.mul(g, shareOfFirst(ops, x, y, output)),
    ({ ops, x, y, output }, g) => ops.mul(g, shareOfFirst(ops, y, x, output)),
  ],
});

/** The part of the first operand in the sum; none where both are exp(-Infinity). */
function shareOfFirst<T>(ops: Ops<T>, x: T, y: T, sum: T): T {
  const nothing = ops.eq(sum, -Infinity);
  return ops.where(nothing, 0, ops.sigmoid(ops.sub(ops.where(nothing, 0, x), ops.where(nothing, 0, y))));
}

/**
 * x log(y), and 0 where x is 0 and y is not NaN. Where x is 0 and y is not positive both derivatives are 0.
 */
export const xlogy: Primitive<2> = elementwise({
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
