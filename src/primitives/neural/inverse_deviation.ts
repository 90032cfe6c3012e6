import { inverseDeviationArray, type Normalization } from "../../array/neural/normalization.ts";
import { reducedShape, sizeOf } from "../../array/shape.ts";
import { NORMALIZATION_SAMPLES } from "./normalize.ts";
import { shiftAxes } from "../batching.ts";
import type { Primitive, RuleContext } from "../primitive.ts";
import { toArray } from "../../array/value.ts";

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
