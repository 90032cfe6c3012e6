import { elementwise } from "./elementwise.ts";
import type { Primitive } from "./primitive.ts";

/**
 * Power. Where a factor of the derivative is 0 it wins over an infinite one: with exponent 0 the derivative
 * by the base is 0, and with base 0 and a positive exponent that by the exponent is 0.
 */
export const pow: Primitive<2> = elementwise({
  name: "pow",
  arity: 2,
  lower: (s, x, y) => s.pow(x, y),
  vjp: [
    ({ ops, x, y }, g) => ops.where(y, ops.mul(g, ops.mul(y, ops.pow(x, ops.sub(y, 1)))), 0),
    ({ ops, x, y, output }, g) => {
      const atZero = ops.mul(ops.eq(x, 0), ops.ge(y, 0));
      return ops.where(atZero, 0, ops.mul(g, ops.mul(output, ops.log(ops.where(atZero, 1, x)))));
    },
  ],
  domains: [[0.5, 2], [-2, 2]],
});
