import { logCumSumExpArray } from "../../array/reductions.ts";
import { toArray } from "../../array/value.ts";
import { shiftAxis } from "../batching.ts";
import { type Direction, DIRECTION_SAMPLES, opposite, previousOf } from "./cumulative_rules.ts";
import type { Primitive, RuleContext } from "../primitive.ts";
import { finiteOrZero } from "./reduction.ts";

/** Logarithms of the sums of exponentials up to each element along an axis, without overflow. */
export const logCumSumExp: Primitive<1, Direction> = {
  arity: 1,
  shape: ([shape]) => shape,
  forward: ([x], { axis, reverse }) => logCumSumExpArray(toArray(x), axis, reverse),
  vjp: [(c, g) => {
    const back = opposite(c.attributes);
    const kept = previousOf(c.ops, keptOf(c), c.shape, back, 0);
    return c.ops.mul(shareOf(c), c.ops.linearRecurrence(kept, g, back));
  }],
  jvp: [(c, dx) => c.ops.linearRecurrence(keptOf(c), c.ops.mul(shareOf(c), dx), c.attributes)],
  batch: shiftAxis,
  samples: DIRECTION_SAMPLES,
};

/** The share of each element in the sum up to it; none where all elements so far are exp(-Infinity). */
function shareOf<T>({ ops, x, output }: RuleContext<T, Direction>): T {
  return ops.exp(ops.sub(x, finiteOrZero(ops, output)));
}

/** The share of all elements before each one in the sum up to it. */
function keptOf<T>({ ops, output, shape, attributes }: RuleContext<T, Direction>): T {
  return ops.exp(ops.sub(previousOf(ops, output, shape, attributes, -Infinity), finiteOrZero(ops, output)));
}
