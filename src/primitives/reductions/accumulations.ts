/** What is found up to each element along an axis. */
import { message } from "../../_internal/message.ts";
import {
  argCumMaxArray,
  cumProdArray,
  cumSumArray,
  linearRecurrenceArray,
  logCumSumExpArray,
} from "../../array/reductions.ts";
import { sameShape } from "../../array/shape.ts";
import { toArray } from "../../array/value.ts";
import { shiftAxis } from "../batching.ts";
import type { Primitive, RuleContext } from "../primitive.ts";
import { type Direction, DIRECTION_SAMPLES, opposite, previousOf } from "./cumulative_rules.ts";
import { finiteOrZero } from "./reduction.ts";

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

/**
 * Products up to each element along an axis. The derivative of `y[i]` by `x[j]` is the product before j times
 * the product between j and i; recurrences add these up without dividing, so zeros do no harm.
 */
export const cumProd: Primitive<1, Direction> = {
  arity: 1,
  shape: ([shape]) => shape,
  forward: ([x], { axis, reverse }) => cumProdArray(toArray(x), axis, reverse),
  vjp: [
    (c, g) => {
      const { ops, x, attributes, shape } = c;
      const back = opposite(attributes);
      return ops.mul(productBefore(c), ops.linearRecurrence(previousOf(ops, x, shape, back, 0), g, back));
    },
  ],
  jvp: [
    (c, dx) => c.ops.linearRecurrence(c.x, c.ops.mul(dx, productBefore(c)), c.attributes),
  ],
  batch: shiftAxis,
  samples: DIRECTION_SAMPLES,
};

function productBefore<T>({ ops, output, shape, attributes }: RuleContext<T, Direction>): T {
  return previousOf(ops, output, shape, attributes, 1);
}

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

/** For each element the index of the largest one up to it along an axis. */
export const argCumMax: Primitive<1, { readonly axis: number }> = {
  arity: 1,
  shape: ([shape]) => shape,
  forward: ([x], { axis }) => argCumMaxArray(toArray(x), axis),
  vjp: [null],
  jvp: [null],
  // float32 counts no further than 2 ** 24.
  dtype: () => "float64",
  batch: shiftAxis,
  samples: [
    { shapes: [[5]], attributes: { axis: 0 } },
    { shapes: [[2, 3, 2]], attributes: { axis: 1 } },
    { shapes: [[0, 2]], attributes: { axis: 0 } },
  ],
};

/** `y[i] = a[i] * y[i - 1] + b[i]` along an axis, with nothing before the first element. */
export const linearRecurrence: Primitive<2, Direction> = {
  arity: 2,
  shape: ([a, b]) => {
    if (sameShape(a, b)) return b;
    throw new TypeError(message`Cannot run a linear recurrence: shapes ${a} and ${b} differ`);
  },
  forward: ([a, b], { axis, reverse }, _, dtype) =>
    linearRecurrenceArray(toArray(a), toArray(b), axis, reverse, dtype),
  joint: {
    vjp: ({ ops, x: a, output, shape, attributes }, g, [byFactor]) => {
      const back = opposite(attributes);
      const carried = ops.linearRecurrence(previousOf(ops, a, shape, back, 0), g, back);
      const before = () => previousOf(ops, output, shape, attributes, 0);
      return [byFactor ? ops.mul(carried, before()) : undefined, carried];
    },
    jvp: ({ ops, x: a, output, shape, attributes }, [da, db]) => {
      if (da === undefined) return db === undefined ? undefined : ops.linearRecurrence(a, db, attributes);
      const moved = ops.mul(da, previousOf(ops, output, shape, attributes, 0));
      return ops.linearRecurrence(a, db === undefined ? moved : ops.add(moved, db), attributes);
    },
  },
  batch: shiftAxis,
  samples: DIRECTION_SAMPLES.map(({ shapes: [shape], attributes }) => ({
    shapes: [shape!, shape!],
    attributes: attributes!,
  })),
};
