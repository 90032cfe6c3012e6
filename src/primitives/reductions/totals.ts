/** What a whole axis adds up to: sums, products, norms. */
import { logSumExpArray, normArray, prodArray, sumArray } from "../../array/reductions.ts";
import { reducedShape, type Shape } from "../../array/shape.ts";
import { toArray } from "../../array/value.ts";
import { shiftAxes, shiftAxis } from "../batching.ts";
import type { Primitive, RuleContext } from "../primitive.ts";
import { previousOf } from "./cumulative_rules.ts";
import { finiteOrZero, keepAxes, type Reduction, REDUCTION_SAMPLES, reductionShape } from "./reduction.ts";

/** The sum along axes; the sum of nothing is 0. */
export const sum: Primitive<1, Reduction> = {
  arity: 1,
  shape: reductionShape,
  forward: ([x], { axes, keepDims }) => sumArray(toArray(x), axes, keepDims),
  vjp: [(c, g) => c.ops.broadcastTo(keepAxes(c, g), { shape: c.shapes[0]! })],
  linear: true,
  batch: shiftAxes,
  samples: [...REDUCTION_SAMPLES, { shapes: [[0, 2]], attributes: { axes: [0], keepDims: false } }],
};

/** The attributes of {@linkcode prod}. */
interface Along {
  /** The axis, not negative. */
  readonly axis: number;
}

/** The product along an axis, which is dropped; its derivative does not divide, so zeros do no harm. */
export const prod: Primitive<1, Along> = {
  arity: 1,
  shape: ([shape], { axis }) => reducedShape(shape, [axis], false),
  forward: ([x], { axis }) => prodArray(toArray(x), axis),
  vjp: [(c, g) => c.ops.mul(c.ops.reshape(g, { shape: keptShape(c) }), productOfOthers(c))],
  jvp: [
    (c, dx) => c.ops.sum(c.ops.mul(dx, productOfOthers(c)), { axes: [c.attributes.axis], keepDims: false }),
  ],
  batch: shiftAxis,
  samples: [
    { shapes: [[4]], attributes: { axis: 0 } },
    { shapes: [[2, 3, 2]], attributes: { axis: 1 } },
    { shapes: [[2, 1]], attributes: { axis: 1 } },
    { shapes: [[2, 0]], attributes: { axis: 1 } },
    { shapes: [[0, 2]], attributes: { axis: 1 } },
  ],
};

function keptShape<T>({ shapes, attributes: { axis } }: RuleContext<T, Along>): Shape {
  return reducedShape(shapes[0]!, [axis], true);
}

/** The product of all elements along the axis but the one: of those before it times those after it. */
function productOfOthers<T>({ ops, x, shapes: [shape], attributes: { axis } }: RuleContext<T, Along>): T {
  const [before, after] = [false, true].map((reverse) =>
    previousOf(ops, ops.cumProd(x, { axis, reverse }), shape!, { axis, reverse }, 1)
  );
  return ops.mul(before!, after!);
}

/** The attributes of {@linkcode norm}. */
interface Norm extends Reduction {
  /** At least 1 and finite. */
  readonly order: number;
}

/** `sum(abs(x) ** order) ** (1 / order)` along axes; the derivative at 0 is 0. */
export const norm: Primitive<1, Norm> = {
  arity: 1,
  shape: ([shape], { axes, keepDims }) => reducedShape(shape, axes, keepDims),
  forward: ([x], { order, axes, keepDims }) => normArray(toArray(x), order, axes, keepDims),
  vjp: [(c, g) => c.ops.mul(keepAxes(c, g), slope(c))],
  jvp: [(c, dx) => c.ops.sum(c.ops.mul(dx, slope(c)), c.attributes)],
  batch: shiftAxes,
  samples: [
    ...REDUCTION_SAMPLES.map(({ shapes, attributes }) => ({
      shapes,
      attributes: { ...attributes!, order: 2 },
    })),
    { shapes: [[2, 3]], attributes: { axes: [1], keepDims: false, order: 3 } },
    { shapes: [[2, 3]], attributes: { axes: [0, 1], keepDims: true, order: 2.5 } },
  ],
};

function slope<T>(c: RuleContext<T, Norm>): T {
  const { ops, x, attributes: { order } } = c;
  const length = keepAxes(c, c.output);
  // Where the norm is 0, dividing by Infinity gives 0 for derivatives of any order.
  const share = ops.div(x, ops.where(length, length, Infinity));
  return order === 2 ? share : ops.mul(ops.sign(x), ops.pow(ops.abs(share), order - 1));
}

/** The logarithm of the sum of exponentials along axes, without overflow; its derivative is the softmax. */
export const logSumExp: Primitive<1, Reduction> = {
  arity: 1,
  shape: reductionShape,
  forward: ([x], { axes, keepDims }) => logSumExpArray(toArray(x), axes, keepDims),
  vjp: [(c, g) => c.ops.mul(keepAxes(c, g), softmaxOf(c))],
  jvp: [(c, dx) => c.ops.sum(c.ops.mul(dx, softmaxOf(c)), c.attributes)],
  batch: shiftAxes,
  samples: REDUCTION_SAMPLES,
};

/** The share of each element in the sum; none where all are exp(-Infinity), so that nothing forbidden moves it. */
function softmaxOf<T>(c: RuleContext<T, Reduction>): T {
  return c.ops.exp(c.ops.sub(c.x, finiteOrZero(c.ops, keepAxes(c, c.output))));
}
