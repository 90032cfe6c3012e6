import { logSumExpArray } from "../../array/reductions.ts";
import { shiftAxes } from "../batching.ts";
import type { Primitive, RuleContext } from "../primitive.ts";
import { toArray } from "../../array/value.ts";
import { finiteOrZero, keepAxes, type Reduction, REDUCTION_SAMPLES, reductionShape } from "./reduction.ts";

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
