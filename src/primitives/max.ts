import { maxArray } from "../array/reduce.ts";
import type { Primitive } from "./primitive.ts";
import {
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
  samples: REDUCTION_SAMPLES,
};
