import { message } from "../../_internal/message.ts";
import { linearRecurrenceArray } from "../../array/cumulative.ts";
import { sameShape } from "../../array/shape.ts";
import { everyBatched } from "../batching.ts";
import {
  type Direction,
  DIRECTION_SAMPLES,
  directionBehindBatch,
  opposite,
  previousOf,
} from "./cumulative_rules.ts";
import type { Primitive } from "../primitive.ts";
import { toArray } from "./reduction.ts";

/** `y[i] = a[i] * y[i - 1] + b[i]` along an axis, with nothing before the first element. */
export const linearRecurrence: Primitive<2, Direction> = {
  name: "linearRecurrence",
  arity: 2,
  shape: ([a, b]) => {
    if (sameShape(a!, b!)) return b!;
    throw new TypeError(message`Cannot run a linear recurrence: shapes ${a!} and ${b!} differ`);
  },
  forward: ([a, b], { axis, reverse }, _, dtype) =>
    linearRecurrenceArray(toArray(a!), toArray(b!), axis, reverse, dtype),
  vjp: [
    ({ ops, x: a, output, shape, attributes }, g) => {
      const back = opposite(attributes);
      const carried = ops.linearRecurrence(previousOf(ops, a, shape, back, 0), g, back);
      return ops.mul(carried, previousOf(ops, output, shape, attributes, 0));
    },
    ({ ops, x: a, shape, attributes }, g) => {
      const back = opposite(attributes);
      return ops.linearRecurrence(previousOf(ops, a, shape, back, 0), g, back);
    },
  ],
  jvp: [
    ({ ops, x: a, output, shape, attributes }, da) =>
      ops.linearRecurrence(a, ops.mul(da, previousOf(ops, output, shape, attributes, 0)), attributes),
    ({ ops, x: a, attributes }, db) => ops.linearRecurrence(a, db, attributes),
  ],
  batch: (c) => {
    const [a, b] = everyBatched(c);
    return c.ops.linearRecurrence(a!, b!, directionBehindBatch(c.attributes));
  },
  samples: DIRECTION_SAMPLES.map(({ shapes: [shape], attributes }) => ({
    shapes: [shape!, shape!],
    attributes: attributes!,
  })),
};
