import { cumSumArray } from "../../array/reductions.ts";
import { type Direction, DIRECTION_SAMPLES, opposite } from "./cumulative_rules.ts";
import { shiftAxis } from "../batching.ts";
import type { Primitive } from "../primitive.ts";
import { toArray } from "../../array/value.ts";

/** Sums up to each element along an axis; the transpose runs the other way. */
export const cumSum: Primitive<1, Direction> = {
  arity: 1,
  shape: ([shape]) => shape,
  forward: ([x], { axis, reverse }) => cumSumArray(toArray(x), axis, reverse),
  vjp: [({ ops, attributes }, g) => ops.cumSum(g, opposite(attributes))],
  linear: true,
  batch: shiftAxis,
  samples: DIRECTION_SAMPLES,
};
