import { message } from "../../_internal/message.ts";
import { linearRecurrenceArray } from "../../array/reductions.ts";
import { sameShape } from "../../array/shape.ts";
import { shiftAxis } from "../batching.ts";
import { type Direction, DIRECTION_SAMPLES, opposite, previousOf } from "./cumulative_rules.ts";
import type { Primitive } from "../primitive.ts";
import { toArray } from "../../array/value.ts";

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
