import { minArray } from "../../array/reduce.ts";
import type { Primitive } from "../primitive.ts";
import {
  behindBatch,
  type Reduction,
  REDUCTION_SAMPLES,
  reductionShape,
  shareAmongTies,
  sumOfTies,
  toArray,
} from "./reduction.ts";

/** The smallest element along axes; ties share the derivative evenly. */
export const min: Primitive<1, Reduction> = {
  name: "min",
  arity: 1,
  shape: reductionShape("min", false),
  forward: ([x], { axes, keepDims }) => minArray(toArray(x!), axes, keepDims),
  vjp: [shareAmongTies],
  jvp: [sumOfTies],
  batch: ({ ops, inputs: [x], attributes }) => ops.min(x!, behindBatch(attributes)),
  samples: REDUCTION_SAMPLES,
};
