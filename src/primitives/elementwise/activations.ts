import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** Logistic function, 1 / (1 + exp(-x)). */
export const sigmoid: Primitive<1> = elementwise({
  arity: 1,
  lower: (s, x) => s.sigmoid(x),
  vjp: [({ ops, output }, g) => ops.mul(g, ops.mul(output, ops.sub(1, output)))],
});

/** Rectifier, max(x, 0); the subgradient at 0 is 0. */
export const relu: Primitive<1> = elementwise({
  arity: 1,
  lower: (s, x) => s.max(x, 0),
  vjp: [({ ops, x }, g) => ops.mul(g, ops.gt(x, 0))],
  domains: [[0.5, 2]],
});

/** x where it is positive, else x times a slope; the slope is the derivative at 0. */
export const leakyRelu: Primitive<2> = elementwise({
  arity: 2,
  lower: (s, x, slope) => s.select(s.gt(x, 0), x, s.mul(x, slope)),
  vjp: [
    ({ ops, x, y: slope }, g) => ops.mul(g, ops.where(ops.gt(x, 0), 1, slope)),
    ({ ops, x }, g) => ops.mul(g, ops.where(ops.gt(x, 0), 0, x)),
  ],
  domains: [[-2, -0.5], [-2, 2]],
});

/**
 * Exponential linear unit, x where it is positive, else alpha (exp(x) - 1); alpha is the derivative at 0.
 */
export const elu: Primitive<2> = elementwise({
  arity: 2,
  lower: (s, x, alpha) => s.select(s.gt(x, 0), x, s.mul(alpha, s.expm1(x))),
  vjp: [
    ({ ops, x, y: alpha }, g) => {
      const positive = ops.gt(x, 0);
      return ops.mul(g, ops.where(positive, 1, ops.mul(alpha, ops.exp(ops.where(positive, 0, x)))));
    },
    ({ ops, x }, g) => ops.mul(g, ops.expm1(ops.where(ops.gt(x, 0), 0, x))),
  ],
  domains: [[-2, -0.5], [-2, 2]],
});

/**
 * Gaussian error linear unit, x times the normal distribution function, which erfc gives exactly in the tail.
 */
export const gelu: Primitive<1> = elementwise({
  arity: 1,
  lower: (s, x) => s.mul(x, s.mul(0.5, s.erfc(s.mul(x, -Math.SQRT1_2)))),
  vjp: [({ ops, x }, g) => {
    const distribution = ops.mul(ops.erfc(ops.mul(x, -Math.SQRT1_2)), 0.5);
    const density = ops.mul(ops.exp(ops.mul(ops.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
    return ops.mul(g, ops.add(distribution, ops.mul(x, density)));
  }],
  display: [({ ops, x }, g) => {
    const distribution = ops.div(ops.erfc(ops.neg(ops.div(x, ops.sqrt(2)))), 2);
    const density = ops.div(ops.exp(ops.neg(ops.div(ops.square(x), 2))), ops.sqrt(ops.mul(2, Math.PI)));
    return ops.mul(g, ops.add(distribution, ops.mul(x, density)));
  }],
});

/** log(1 + exp(x)), without overflow. */
export const softplus: Primitive<1> = elementwise({
  arity: 1,
  lower: (s, x) => s.add(s.max(x, 0), s.log1p(s.exp(s.neg(s.abs(x))))),
  vjp: [({ ops, x }, g) => ops.mul(g, ops.sigmoid(x))],
});

/** x / (1 + |x|). */
export const softsign: Primitive<1> = elementwise({
  arity: 1,
  lower: (s, x) => s.select(s.eq(s.abs(x), Infinity), s.sign(x), s.div(x, s.add(1, s.abs(x)))),
  vjp: [({ ops, x }, g) => {
    const below = ops.add(ops.abs(x), 1);
    return ops.div(ops.div(g, below), below);
  }],
  domains: [[0.5, 2]],
});

/** Binary cross-entropy of a logit and a label, `max(z, 0) - z*y + log(1 + exp(-|z|))`: finite for any logit. */
export const sigmoidCrossEntropy: Primitive<2> = elementwise({
  arity: 2,
  lower: (s, z, y) => s.add(s.sub(s.max(z, 0), s.mul(z, y)), s.log1p(s.exp(s.neg(s.abs(z))))),
  vjp: [
    ({ ops, x, y }, g) => ops.mul(g, ops.sub(ops.sigmoid(x), y)),
    ({ ops, x }, g) => ops.neg(ops.mul(g, x)),
  ],
  domains: [[-2, 2], [0, 1]],
});
