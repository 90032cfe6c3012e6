import { logSumExpArray } from "../../array/reduce.ts";
import type { Primitive, RuleContext } from "../primitive.ts";
import {
  behindBatch,
  keepAxes,
  type Reduction,
  REDUCTION_SAMPLES,
  reductionShape,
  toArray,
} from "./reduction.ts";

/** The logarithm of the sum of exponentials along axes, without overflow; its derivative is the softmax. */
export const logSumExp: Primitive<1, Reduction> = {
  name: "logSumExp",
  arity: 1,
  shape: reductionShape("logSumExp", true),
  forward: ([x], { axes, keepDims }) => logSumExpArray(toArray(x!), axes, keepDims),
  vjp: [(c, g) => c.ops.mul(keepAxes(c, g), softmaxOf(c))],
  jvp: [(c, dx) => c.ops.sum(c.ops.mul(dx, softmaxOf(c)), c.attributes)],
  batch: ({ ops, inputs: [x], attributes }) => ops.logSumExp(x!, behindBatch(attributes)),
  samples: REDUCTION_SAMPLES,
};

function softmaxOf<T>(c: RuleContext<T, Reduction>): T {
  return c.ops.exp(c.ops.sub(c.x, keepAxes(c, c.output)));
}
