import { elementwise } from "./define.ts";
import type { Ops, Primitive } from "../primitive.ts";

/** Sine of an angle in radians. */
export const sin: Primitive<1> = elementwise({
  arity: 1,
  lower: (s, x) => s.sin(x),
  vjp: [({ ops, x }, g) => ops.mul(g, ops.cos(x))],
});

/** Cosine of an angle in radians. */
export const cos: Primitive<1> = elementwise({
  arity: 1,
  lower: (s, x) => s.cos(x),
  vjp: [({ ops, x }, g) => ops.neg(ops.mul(g, ops.sin(x)))],
});

/** Tangent of an angle in radians. */
export const tan: Primitive<1> = elementwise({
  arity: 1,
  lower: (s, x) => s.tan(x),
  vjp: [({ ops, output }, g) => ops.mul(g, ops.add(ops.square(output), 1))],
  domains: [[-1, 1]],
});

/** Inverse sine. */
export const asin: Primitive<1> = elementwise({
  arity: 1,
  lower: (s, x) => s.asin(x),
  vjp: [({ ops, x }, g) => ops.div(g, ops.sqrt(oneMinusSquare(ops, x)))],
  domains: [[-0.8, 0.8]],
});

/** Inverse cosine. */
export const acos: Primitive<1> = elementwise({
  arity: 1,
  lower: (s, x) => s.acos(x),
  vjp: [({ ops, x }, g) => ops.neg(ops.div(g, ops.sqrt(oneMinusSquare(ops, x))))],
  domains: [[-0.8, 0.8]],
});

/** Inverse tangent. The derivative is taken in 1 / x far from 0, where x² would overflow. */
export const atan: Primitive<1> = elementwise({
  arity: 1,
  lower: (s, x) => s.atan(x),
  vjp: [({ ops, x }, g) => {
    const far = ops.gt(ops.abs(x), 1);
    const near = ops.where(far, ops.div(1, ops.where(far, x, 1)), x);
    const square = ops.square(near);
    return ops.div(ops.mul(g, ops.where(far, square, 1)), ops.add(square, 1));
  }],
});

/** The angle of the point (y, x) from the x-axis, in -pi to pi. At the origin the derivatives are 0. */
export const atan2: Primitive<2> = elementwise({
  arity: 2,
  lower: (s, y, x) => s.atan2(y, x),
  vjp: [
    ({ ops, inputs: [y, x] }, g) => ops.mul(g, overSquare(ops, x!, ops.hypot(y!, x!))),
    ({ ops, inputs: [y, x] }, g) => ops.neg(ops.mul(g, overSquare(ops, y!, ops.hypot(y!, x!)))),
  ],
  domains: [[0.5, 2], [-2, -0.5]],
});

/** part / length², in steps that do not overflow; 0 at the origin and at infinity. */
function overSquare<T>(ops: Ops<T>, part: T, length: T): T {
  const fits = ops.mul(ops.ne(length, 0), ops.ne(length, Infinity));
  const divisor = ops.where(fits, length, 1);
  return ops.where(fits, ops.div(ops.div(part, divisor), divisor), 0);
}

/** Hyperbolic sine. */
export const sinh: Primitive<1> = elementwise({
  arity: 1,
  lower: (s, x) => s.sinh(x),
  vjp: [({ ops, x }, g) => ops.mul(g, ops.cosh(x))],
});

/** Hyperbolic cosine. */
export const cosh: Primitive<1> = elementwise({
  arity: 1,
  lower: (s, x) => s.cosh(x),
  vjp: [({ ops, x }, g) => ops.mul(g, ops.sinh(x))],
});

/** Hyperbolic tangent. */
export const tanh: Primitive<1> = elementwise({
  arity: 1,
  lower: (s, x) => s.tanh(x),
  vjp: [({ ops, output }, g) => ops.mul(g, ops.sub(1, ops.square(output)))],
});

/** Inverse hyperbolic sine. */
export const asinh: Primitive<1> = elementwise({
  arity: 1,
  lower: (s, x) => s.asinh(x),
  vjp: [({ ops, x }, g) => ops.div(g, ops.hypot(x, 1))],
});

/** Inverse hyperbolic cosine; the derivative at 1 is infinite. */
export const acosh: Primitive<1> = elementwise({
  arity: 1,
  lower: (s, x) => s.acosh(x),
  vjp: [({ ops, x }, g) => ops.div(ops.div(g, ops.sqrt(ops.sub(x, 1))), ops.sqrt(ops.add(x, 1)))],
  domains: [[1.5, 3]],
});

/** Inverse hyperbolic tangent; the derivative at -1 and 1 is infinite. */
export const atanh: Primitive<1> = elementwise({
  arity: 1,
  lower: (s, x) => s.atanh(x),
  vjp: [({ ops, x }, g) => ops.div(g, oneMinusSquare(ops, x))],
  domains: [[-0.8, 0.8]],
});

/** The derivative of sin(pi x) / (pi x) of the given order, itself for 0. */
export const sincDerivative: Primitive<2> = elementwise({
  arity: 2,
  lower: (s, order, x) => s.sincDerivative(order, x),
  vjp: [null, ({ ops, x: order, y: x }, g) => ops.mul(g, ops.sincDerivative(ops.add(order, 1), x))],
  domains: [[0, 3], [-2, 2]],
  untyped: [0],
});

/** 1 - x², in factors near 1 and -1, where they are exact, and as it stands near 0, where its slope -2x then is. */
function oneMinusSquare<T>(ops: Ops<T>, x: T): T {
  const near = ops.lt(ops.abs(x), 0.5);
  return ops.where(near, ops.sub(1, ops.square(x)), ops.mul(ops.sub(1, x), ops.add(1, x)));
}
