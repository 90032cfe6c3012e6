import { elementwise } from "./define.ts";
import type { Ops, Primitive } from "../primitive.ts";

/**
 * Power, 1 for a base of 1 and any exponent, as in C. Where a factor of the derivative is 0 it wins over one that
 * is not finite: with exponent 0 the derivative by the base is 0, and with base 0 and a positive exponent that by
 * the exponent is 0.
 */
export const pow: Primitive<2> = elementwise({
  arity: 2,
  // JavaScript gives NaN for 1 to an infinite power.
  lower: (s, x, y) => {
    const unit = s.mul(s.eq(s.abs(x), 1), s.eq(s.abs(y), Infinity));
    return s.select(s.eq(x, 1), 1, s.select(unit, 1, s.pow(x, y)));
  },
  vjp: [
    ({ ops, x, y, output }, g) => {
      const constant = ops.eq(y, 0);
      const moves = ops.gt(ops.abs(x), 0);
      const base = ops.where(constant, 1, x);
      const factor = ops.mul(y, ops.pow(base, ops.sub(y, 1)));
      // With exponent 0 it is 0 / x, as the reciprocal of a tiny x would be infinite; it has a slope by y.
      const atZero = ops.where(moves, ops.div(ops.mul(y, output), ops.where(moves, x, 1)), 0);
      return ops.where(constant, ops.mul(g, atZero), ops.mul(g, factor));
    },
    ({ ops, x, y, output }, g) => {
      const atZero = ops.mul(ops.eq(x, 0), ops.ge(y, 0));
      return ops.where(atZero, 0, ops.mul(g, ops.mul(output, ops.log(ops.where(atZero, 1, x)))));
    },
  ],
  domains: [[0.5, 2], [-2, 2]],
});

/** Square. */
export const square: Primitive<1> = elementwise({
  arity: 1,
  lower: (s, x) => s.mul(x, x),
  vjp: [({ ops, x }, g) => ops.mul(g, ops.mul(x, 2))],
});

/** Square root; the derivative at 0 is infinite. */
export const sqrt: Primitive<1> = elementwise({
  arity: 1,
  lower: (s, x) => s.sqrt(x),
  vjp: [({ ops, output }, g) => ops.div(ops.mul(g, 0.5), output)],
  display: [({ ops, output }, g) => ops.div(g, ops.mul(2, output))],
  domains: [[0.5, 3]],
});

/** Reciprocal square root; the derivative at 0 is -Infinity. */
export const rsqrt: Primitive<1> = elementwise({
  arity: 1,
  lower: (s, x) => s.div(1, s.sqrt(x)),
  vjp: [({ ops, x, output }, g) => ops.div(ops.mul(g, ops.mul(output, -0.5)), x)],
  domains: [[0.5, 3]],
});

/** Cube root; the derivative at 0 is infinite. */
export const cbrt: Primitive<1> = elementwise({
  arity: 1,
  lower: (s, x) => s.cbrt(x),
  vjp: [({ ops, output }, g) => ops.div(ops.div(ops.div(g, 3), output), output)],
  domains: [[0.5, 3]],
});

/** The length of the vector (x, y), without overflow. At the origin the derivatives are 0. */
export const hypot: Primitive<2> = elementwise({
  arity: 2,
  lower: (s, x, y) => s.hypot(x, y),
  vjp: [
    ({ ops, x, output }, g) => ops.mul(g, overLength(ops, x, output)),
    ({ ops, y, output }, g) => ops.mul(g, overLength(ops, y, output)),
  ],
  domains: [[0.5, 2], [-2, -0.5]],
});

/** part / length; at infinity 1 or -1 if the part is infinite itself, else 0; 0 at the origin. */
function overLength<T>(ops: Ops<T>, part: T, length: T): T {
  const fits = ops.mul(ops.ne(length, 0), ops.ne(length, Infinity));
  const limit = ops.mul(ops.sign(part), ops.eq(ops.abs(part), length));
  return ops.where(fits, ops.div(part, ops.where(fits, length, 1)), limit);
}
