/** Numbers brought to a mean and a deviation, or to shares of 1, and the loss that compares shares. */
import { message } from "../../_internal/message.ts";
import { allocate } from "../../array/dtype.ts";
import { NdArray } from "../../array/nd_array.ts";
import {
  inverseDeviationArray,
  type Normalization,
  normalizeArray,
  softmaxArray,
} from "../../array/neural/normalization.ts";
import { logSumExpArray } from "../../array/reductions.ts";
import { reducedShape, sameShape, sizeOf } from "../../array/shape.ts";
import { toArray } from "../../array/value.ts";
import { everyBatched, shiftAxes, shiftAxis } from "../batching.ts";
import type { Primitive, RuleContext, Sample } from "../primitive.ts";

/** What the table tests run normalizations on. */
const NORMALIZATION_SAMPLES: readonly Sample<Normalization>[] = [
  { shapes: [[4]], attributes: { axes: [0], epsilon: 0.01, center: true } },
  { shapes: [[3, 4]], attributes: { axes: [1], epsilon: 0.01, center: true } },
  { shapes: [[4, 2]], attributes: { axes: [0], epsilon: 0.01, center: true } },
  { shapes: [[2, 3, 2]], attributes: { axes: [0, 2], epsilon: 0.1, center: true } },
  { shapes: [[2, 3]], attributes: { axes: [1], epsilon: 0.1, center: false } },
  { shapes: [[2, 1]], attributes: { axes: [1], epsilon: 0.1, center: true } },
  { shapes: [[0, 3]], attributes: { axes: [0], epsilon: 0.1, center: true } },
];

/**
 * `(x - mean) / sqrt(variance + epsilon)` along axes (uncentered: x over its root mean square), the core of
 * layer, batch, group, instance and root-mean-square normalization.
 */
export const normalize: Primitive<1, Normalization> = {
  arity: 1,
  shape: ([shape]) => shape,
  forward: ([x], attributes, _, dtype) => normalizeArray(toArray(x), attributes, dtype),
  vjp: [timesNormalizationJacobian],
  jvp: [timesNormalizationJacobian],
  batch: shiftAxes,
  samples: NORMALIZATION_SAMPLES,
};

/** The Jacobian is symmetric: `(g - mean(g) - y mean(g y)) / sqrt(variance + epsilon)`. */
function timesNormalizationJacobian<T>(c: RuleContext<T, Normalization>, g: T): T {
  const { ops, x, output, attributes } = c;
  const count = sizeOf(attributes.axes.map((axis) => c.shape[axis]!));
  const mean = (values: T): T =>
    ops.div(ops.sum(values, { axes: attributes.axes, keepDims: true }), Math.max(count, 1));
  const along = ops.sub(g, ops.mul(output, mean(ops.mul(g, output))));
  return ops.mul(attributes.center ? ops.sub(along, mean(g)) : along, ops.inverseDeviation(x, attributes));
}

/** `1 / sqrt(variance + epsilon)` along axes, which stay with length 1: the factor of normalize. */
export const inverseDeviation: Primitive<1, Normalization> = {
  arity: 1,
  shape: ([shape], { axes }) => reducedShape(shape, axes, true),
  forward: ([x], attributes, _, dtype) => inverseDeviationArray(toArray(x), attributes, dtype),
  vjp: [(c, g) => c.ops.mul(c.ops.mul(g, slope(c)), c.ops.normalize(c.x, c.attributes))],
  jvp: [(c, dx) => {
    const { ops, x, attributes } = c;
    const products = ops.mul(dx, ops.normalize(x, attributes));
    return ops.mul(ops.sum(products, { axes: attributes.axes, keepDims: true }), slope(c));
  }],
  batch: shiftAxes,
  samples: NORMALIZATION_SAMPLES,
};

/** What the normalized x is multiplied by to give the derivative. */
function slope<T>({ ops, output, shapes, attributes: { axes } }: RuleContext<T, Normalization>): T {
  const count = sizeOf(axes.map((axis) => shapes[0]![axis]!));
  return ops.div(ops.square(output), -Math.max(count, 1));
}

/** The attributes of softmax and of its logarithm. */
export interface SoftmaxAxis {
  /** The axis along which it sums to 1, not negative. */
  readonly axis: number;
}

/** What the table tests run softmax and its logarithm on. */
const SOFTMAX_SAMPLES: readonly Sample<SoftmaxAxis>[] = [
  { shapes: [[3]], attributes: { axis: 0 } },
  { shapes: [[2, 3]], attributes: { axis: 1 } },
  { shapes: [[2, 3, 2]], attributes: { axis: 1 } },
  { shapes: [[2, 1]], attributes: { axis: 1 } },
  { shapes: [[0, 2]], attributes: { axis: 1 } },
];

/** `exp(x) / sum(exp(x))` along an axis; its derivative needs nothing but the result. */
export const softmax: Primitive<1, SoftmaxAxis> = {
  arity: 1,
  shape: ([shape]) => shape,
  forward: ([x], { axis }, _, dtype) => softmaxArray(toArray(x), axis, false, dtype),
  vjp: [timesSoftmaxJacobian],
  jvp: [timesSoftmaxJacobian],
  batch: shiftAxis,
  samples: SOFTMAX_SAMPLES,
};

/** The Jacobian, `diag(p) - p p'`, is symmetric. */
function timesSoftmaxJacobian<T>(
  { ops, output, attributes: { axis } }: RuleContext<T, SoftmaxAxis>,
  g: T,
): T {
  const inner = ops.sum(ops.mul(g, output), { axes: [axis], keepDims: true });
  return ops.mul(ops.sub(g, inner), output);
}

/** The logarithm of the softmax along an axis, `x - logSumExp(x)`: finite for any finite x. */
export const logSoftmax: Primitive<1, SoftmaxAxis> = {
  arity: 1,
  shape: ([shape]) => shape,
  forward: ([x], { axis }, _, dtype) => softmaxArray(toArray(x), axis, true, dtype),
  vjp: [(c, g) => c.ops.sub(g, c.ops.mul(sumAlong(c, g), c.ops.exp(c.output)))],
  jvp: [(c, dx) => c.ops.sub(dx, sumAlong(c, c.ops.mul(dx, c.ops.exp(c.output))))],
  batch: shiftAxis,
  samples: SOFTMAX_SAMPLES,
};

function sumAlong<T>({ ops, attributes: { axis } }: RuleContext<T, SoftmaxAxis>, x: T): T {
  return ops.sum(x, { axes: [axis], keepDims: true });
}

/**
 * Cross-entropy of logits and label probabilities along the last axis,
 * `logSumExp(z) * sum(y) - sum(y * z)`: finite for any logits.
 */
export const softmaxCrossEntropy: Primitive<2> = {
  arity: 2,
  shape: ([logits, labels]) => {
    if (!sameShape(logits, labels) || logits.length === 0 || logits.at(-1) === 0) {
      throw new TypeError(
        message`Cannot take the cross-entropy of logits and labels: shapes ${logits} and
        ${labels} must be equal, with the classes along the last axis`,
      );
    }
    return logits.slice(0, -1);
  },
  forward: ([logits, labels], _, shape, dtype) => {
    const z = toArray(logits);
    const y = toArray(labels);
    const out = allocate(dtype, sizeOf(shape));
    const classes = z.shape.at(-1)!;
    const lse = logSumExpArray(z, [z.shape.length - 1], false).data;
    for (let row = 0, at = 0; row < out.length; row++) {
      let loss = 0;
      for (let k = 0; k < classes; k++, at++) {
        if (y.data[at] !== 0) loss += y.data[at]! * (lse[row]! - z.data[at]!);
      }
      out[row] = loss;
    }
    return new NdArray(out, shape);
  },
  joint: {
    vjp: (c, g, [byLogits, byLabels]) => {
      const surprise = surpriseOf(c);
      const each = column(c, g);
      return [
        byLogits ? c.ops.mul(each, logitPartial(c, surprise)) : undefined,
        byLabels ? c.ops.mul(each, surprise) : undefined,
      ];
    },
    jvp: <T>(c: Context<T>, [dz, dy]: readonly (T | undefined)[]): T | undefined => {
      const { ops } = c;
      const surprise = surpriseOf(c);
      const parts = [
        ...dz === undefined ? [] : [ops.mul(dz, logitPartial(c, surprise))],
        ...dy === undefined ? [] : [ops.mul(dy, surprise)],
      ];
      if (parts.length === 0) return undefined;
      return ops.sum(parts.reduce((a, b) => ops.add(a, b)), lastAxis(c, false));
    },
  },
  batch: (c) => {
    const [logits, labels] = everyBatched(c);
    return c.ops.softmaxCrossEntropy(logits!, labels!);
  },
  samples: [
    { shapes: [[3], [3]], domains: [[-2, 2], [0, 1]] },
    { shapes: [[2, 3], [2, 3]], domains: [[-2, 2], [0, 1]] },
    { shapes: [[2, 1], [2, 1]], domains: [[-2, 2], [0, 1]] },
    { shapes: [[0, 3], [0, 3]] },
  ],
};

type Context<T> = RuleContext<T, undefined>;

function lastAxis<T>(c: Context<T>, keepDims: boolean): { axes: number[]; keepDims: boolean } {
  return { axes: [c.shape.length], keepDims };
}

/** A value per row, shaped to broadcast over the classes. */
function column<T>(c: Context<T>, perRow: T): T {
  return c.ops.reshape(perRow, { shape: [...c.shape, 1] });
}

/** Minus the logarithm of the softmax: the partial derivative by the labels. */
function surpriseOf<T>(c: Context<T>): T {
  return c.ops.sub(c.ops.logSumExp(c.x, lastAxis(c, true)), c.x);
}

/** Softmax times the sum of the labels, minus the labels. */
function logitPartial<T>(c: Context<T>, surprise: T): T {
  const { ops, y } = c;
  return ops.sub(ops.mul(ops.exp(ops.neg(surprise)), ops.sum(y, lastAxis(c, true))), y);
}
