import { cumSumArray } from "../../array/cumulative.ts";
import { type Direction, DIRECTION_SAMPLES, directionBehindBatch, opposite } from "./cumulative_rules.ts";
import type { Primitive } from "../primitive.ts";
import { toArray } from "./reduction.ts";

/** Sums up to each element along an axis; the transpose runs the other way. */
export const cumSum: Primitive<1, Direction> = {
  name: "cumSum",
  arity: 1,
  shape: ([shape]) => shape!,
  forward: ([x], { axis, reverse }) => cumSumArray(toArray(x!), axis, reverse),
  vjp: [({ ops, attributes }, g) => ops.cumSum(g, opposite(attributes))],
  jvp: [({ ops, attributes }, dx) => ops.cumSum(dx, attributes)],
  batch: ({ ops, inputs: [x], attributes }) => ops.cumSum(x!, directionBehindBatch(attributes)),
  samples: DIRECTION_SAMPLES,
};
