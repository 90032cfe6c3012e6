import { assignAlongAxisArray, checkIndices } from "../../array/indexing.ts";
import { checkAlong, checkValues } from "./along_axis.ts";
import { shiftAxis } from "../batching.ts";
import type { Primitive, RuleContext } from "../primitive.ts";
import { toArray } from "../../array/value.ts";

/** The attributes of {@linkcode assignAlongAxis}. */
interface Along {
  /** The axis, not negative. */
  readonly axis: number;
}

/**
 * The first operand with single elements along an axis, chosen by the integers in the second, replaced by
 * those of the third. Where an index comes twice, the last value stays, and it alone has a derivative.
 */
export const assignAlongAxis: Primitive<3, Along> = {
  arity: 3,
  shape: ([x, indices, values], { axis }) => {
    checkAlong("assign elements", x, indices, axis);
    checkValues("assign elements", values, indices);
    return x;
  },
  forward: ([x, indices, values], { axis }, shape, dtype) => {
    const positions = toArray(indices);
    checkIndices("assign elements", positions, shape, axis);
    return assignAlongAxisArray(toArray(x), positions, toArray(values), axis, dtype);
  },
  vjp: [
    (c, g) => cleared(c, g),
    null,
    (c, g) => c.ops.mul(c.ops.takeAlongAxis(g, c.y, c.attributes), remains(c)),
  ],
  jvp: [
    (c, dx) => cleared(c, dx),
    null,
    (c, dv) => c.ops.assignAlongAxis(c.ops.broadcastTo(0, { shape: c.shape }), c.y, dv, c.attributes),
  ],
  untyped: [1],
  batch: shiftAxis,
  samples: [
    {
      shapes: [[4], [3], [3]],
      attributes: { axis: 0 },
      integers: [1],
      domains: [[-2, 2], [0, 4], [-2, 2]],
    },
    {
      shapes: [[2, 3, 2], [2, 5, 2], [2, 5, 2]],
      attributes: { axis: 1 },
      integers: [1],
      domains: [[-2, 2], [0, 3], [-2, 2]],
    },
    { shapes: [[2, 3], [2, 0], [2, 0]], attributes: { axis: 1 }, integers: [1] },
  ],
};

/** A derivative by the first operand, with zeros where its elements are replaced. */
function cleared<T>({ ops, y, shapes, attributes }: RuleContext<T, Along>, g: T): T {
  return ops.assignAlongAxis(g, y, ops.broadcastTo(0, { shape: shapes[1]! }), attributes);
}

/** 1 for each value that stays, 0 for one that a later value replaces. */
function remains<T>({ ops, y, shapes, shape, attributes }: RuleContext<T, Along>): T {
  const ones = ops.broadcastTo(1, { shape: shapes[1]! });
  const numbers = ops.cumSum(ones, { axis: attributes.axis, reverse: false });
  const written = ops.assignAlongAxis(ops.broadcastTo(0, { shape }), y, numbers, attributes);
  return ops.eq(ops.takeAlongAxis(written, y, attributes), numbers);
}
