import { maxArray } from "../../array/reduce.ts";
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

/** The largest element along axes; ties share the derivative evenly. */
export const max: Primitive<1, Reduction> = {
  name: "max",
  arity: 1,
  shape: reductionShape("max", false),
  forward: ([x], { axes, keepDims }) => maxArray(toArray(x!), axes, keepDims),
  vjp: [shareAmongTies],
  jvp: [sumOfTies],
  batch: ({ ops, inputs: [x], attributes }) => ops.max(x!, behindBatch(attributes)),
  samples: REDUCTION_SAMPLES,
};
