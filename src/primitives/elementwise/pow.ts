import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/**
 * Power, 1 for a base of 1 and any exponent, as in C. Where a factor of the derivative is 0 it wins over one that
 * is not finite: with exponent 0 the derivative by the base is 0, and with base 0 and a positive exponent that by
 * the exponent is 0.
 */
export const pow: Primitive<2> = elementwise({
  name: "pow",
  arity: 2,
  // JavaScript gives NaN for 1 to an infinite power.
  lower: (s, x, y) => {
    const unit = s.mul(s.eq(s.abs(x), 1), s.eq(s.abs(y), Infinity));
    return s.select(s.eq(x, 1), 1, s.select(unit, 1, s.pow(x, y)));
  },
  vjp: [
    ({ ops, x, y }, g) => {
      const constant = ops.mul(ops.eq(y, 0), ops.sub(1, ops.gt(ops.abs(x), 0)));
      const base = ops.where(constant, 1, x);
      return ops.where(constant, 0, ops.mul(g, ops.mul(y, ops.pow(base, ops.sub(y, 1)))));
    },
    ({ ops, x, y, output }, g) => {
      const atZero = ops.mul(ops.eq(x, 0), ops.ge(y, 0));
      return ops.where(atZero, 0, ops.mul(g, ops.mul(output, ops.log(ops.where(atZero, 1, x)))));
    },
  ],
  domains: [[0.5, 2], [-2, 2]],
});
