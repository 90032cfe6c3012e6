import { type Normalization, normalizeArray } from "../../array/neural/normalization.ts";
import { sizeOf } from "../../array/shape.ts";
import { shiftAxes } from "../batching.ts";
import type { Primitive, RuleContext, Sample } from "../primitive.ts";
import { toArray } from "../../array/value.ts";

/** What the table tests run normalizations on. */
export const NORMALIZATION_SAMPLES: readonly Sample<Normalization>[] = [
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
  vjp: [timesJacobian],
  jvp: [timesJacobian],
  batch: shiftAxes,
  samples: NORMALIZATION_SAMPLES,
};

/** The Jacobian is symmetric: `(g - mean(g) - y mean(g y)) / sqrt(variance + epsilon)`. */
function timesJacobian<T>(c: RuleContext<T, Normalization>, g: T): T {
  const { ops, x, output, attributes } = c;
  const count = sizeOf(attributes.axes.map((axis) => c.shape[axis]!));
  const mean = (values: T): T =>
    ops.div(ops.sum(values, { axes: attributes.axes, keepDims: true }), Math.max(count, 1));
  const along = ops.sub(g, ops.mul(output, mean(ops.mul(g, output))));
  return ops.mul(attributes.center ? ops.sub(along, mean(g)) : along, ops.inverseDeviation(x, attributes));
}
