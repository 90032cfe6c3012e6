import { elementwise } from "./define.ts";
import type { Ops, Primitive } from "../primitive.ts";

/** Error function. Beyond 30 its derivative is 0, which spares an infinite square. */
export const erf: Primitive<1> = elementwise({
  arity: 1,
  lower: (s, x) => s.erf(x),
  vjp: [
    ({ ops, x }, g) =>
      ops.mul(g, ops.mul(ops.exp(ops.neg(ops.square(ops.clip(x, -30, 30)))), 2 / Math.sqrt(Math.PI))),
  ],
  display: [({ ops, x }, g) => ops.mul(g, writeDensity(ops, x, 2))],
});

/** Complementary error function, 1 - erf(x). Beyond 30 its derivative is 0, as for erf. */
export const erfc: Primitive<1> = elementwise({
  arity: 1,
  lower: (s, x) => s.erfc(x),
  vjp: [
    ({ ops, x }, g) =>
      ops.mul(g, ops.mul(ops.exp(ops.neg(ops.square(ops.clip(x, -30, 30)))), -2 / Math.sqrt(Math.PI))),
  ],
  display: [({ ops, x }, g) => ops.mul(g, writeDensity(ops, x, -2))],
});

/** `factor / sqrt(pi) exp(-x^2)`. */
function writeDensity<T>(ops: Ops<T>, x: T, factor: number): T {
  return ops.mul(ops.div(factor, ops.sqrt(Math.PI)), ops.exp(ops.neg(ops.square(x))));
}

/** Inverse of the error function; the derivative at -1 and 1 is infinite. */
export const erfinv: Primitive<1> = elementwise({
  arity: 1,
  lower: (s, x) => s.erfinv(x),
  vjp: [({ ops, output }, g) => ops.mul(g, ops.mul(ops.exp(ops.square(output)), Math.sqrt(Math.PI) / 2))],
  domains: [[-0.8, 0.8]],
});

/** Logarithm of the absolute value of the gamma function. */
export const lgamma: Primitive<1> = elementwise({
  arity: 1,
  lower: (s, x) => s.lgamma(x),
  vjp: [({ ops, x }, g) => ops.mul(g, ops.polygamma(0, x))],
  domains: [[0.5, 4]],
});

/** The derivative of the digamma function of the given order, itself for 0. */
export const polygamma: Primitive<2> = elementwise({
  arity: 2,
  lower: (s, order, x) => s.polygamma(order, x),
  vjp: [null, ({ ops, x: order, y: x }, g) => ops.mul(g, ops.polygamma(ops.add(order, 1), x))],
  domains: [[0, 3], [1, 4]],
  untyped: [0],
});

/** log(x / (1 - x)), the inverse of sigmoid; near 1/2 by atanh, which keeps the zero exact. */
export const logit: Primitive<1> = elementwise({
  arity: 1,
  lower: (s, x) => {
    const centred = s.sub(s.mul(2, x), 1);
    const near = s.lt(s.abs(centred), 0.5);
    return s.select(near, s.mul(2, s.atanh(centred)), s.log(s.div(x, s.sub(1, x))));
  },
  vjp: [({ ops, x }, g) => ops.div(ops.div(g, x), ops.sub(1, x))],
  domains: [[0.1, 0.9]],
});
