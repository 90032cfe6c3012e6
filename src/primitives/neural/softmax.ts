import { softmaxArray } from "../../array/neural/normalization.ts";
import { shiftAxis } from "../batching.ts";
import type { Primitive, RuleContext, Sample } from "../primitive.ts";
import { toArray } from "../../array/value.ts";

/** The attributes of softmax and of its logarithm. */
export interface SoftmaxAxis {
  /** The axis along which it sums to 1, not negative. */
  readonly axis: number;
}

/** What the table tests run softmax and its logarithm on. */
export const SOFTMAX_SAMPLES: readonly Sample<SoftmaxAxis>[] = [
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
  vjp: [timesJacobian],
  jvp: [timesJacobian],
  batch: shiftAxis,
  samples: SOFTMAX_SAMPLES,
};

/** The Jacobian, `diag(p) - p p'`, is symmetric. */
function timesJacobian<T>({ ops, output, attributes: { axis } }: RuleContext<T, SoftmaxAxis>, g: T): T {
  const inner = ops.sum(ops.mul(g, output), { axes: [axis], keepDims: true });
  return ops.mul(ops.sub(g, inner), output);
}
