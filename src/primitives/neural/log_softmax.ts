import { softmaxArray } from "../../array/neural/normalization.ts";
import { shiftAxis } from "../batching.ts";
import type { Primitive, RuleContext } from "../primitive.ts";
import { toArray } from "../../array/value.ts";
import { SOFTMAX_SAMPLES, type SoftmaxAxis } from "./softmax.ts";

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
