import { message } from "../../_internal/message.ts";
import type { Value } from "../../array/elementwise/loops.ts";
import { fullArray, type NdArray } from "../../array/nd_array.ts";
import { reducedShape, SCALAR, type Shape } from "../../array/shape.ts";
import type { RuleContext, Sample } from "../primitive.ts";

/** The attributes of a reduction. */
export interface Reduction {
  /** The axes to reduce, ascending and not negative. */
  readonly axes: readonly number[];
  /** Whether reduced axes stay with length 1. */
  readonly keepDims: boolean;
}

/** What the table tests run reductions on. */
export const REDUCTION_SAMPLES: readonly Sample<Reduction>[] = [
  { shapes: [[]], attributes: { axes: [], keepDims: false } },
  { shapes: [[3]], attributes: { axes: [0], keepDims: false } },
  { shapes: [[2, 3]], attributes: { axes: [0, 1], keepDims: false } },
  { shapes: [[2, 3]], attributes: { axes: [0], keepDims: true } },
  { shapes: [[2, 3, 2]], attributes: { axes: [1], keepDims: false } },
  { shapes: [[2, 3, 2]], attributes: { axes: [0, 2], keepDims: false } },
  { shapes: [[1, 3]], attributes: { axes: [0], keepDims: false } },
  { shapes: [[0, 3]], attributes: { axes: [1], keepDims: false } },
];

/** The shape rule of a reduction; one that is undefined for no elements refuses an empty axis. */
export function reductionShape(
  operation: string,
  emptyAllowed: boolean,
): (shapes: readonly Shape[], reduction: Reduction) => Shape {
  return ([shape], { axes, keepDims }) => {
    const empty = emptyAllowed ? undefined : axes.find((axis) => shape![axis] === 0);
    if (empty !== undefined) {
      throw new TypeError(
        message`Cannot take the ${operation} of no elements: axis ${empty} of shape
        ${shape!} has length 0`,
      );
    }
    return reducedShape(shape!, axes, keepDims);
  };
}

/** A reduction of one example as it is for a batch, which has one axis more in front. */
export function behindBatch({ axes, keepDims }: Reduction): Reduction {
  return { axes: axes.map((axis) => axis + 1), keepDims };
}

/** A value as an array. */
export function toArray(value: Value): NdArray {
  return typeof value === "number" ? fullArray(SCALAR, value, "float64") : value;
}

/** Reshapes a reduced value so that it broadcasts against the operand. */
export function keepAxes<T>(c: RuleContext<T, Reduction>, reduced: T): T {
  return c.attributes.keepDims
    ? reduced
    : c.ops.reshape(reduced, { shape: reducedShape(c.shapes[0]!, c.attributes.axes, true) });
}

/** The share of each element in the extreme one: 1 / ties where it is equal to it, else 0. */
function tieShares<T>(c: RuleContext<T, Reduction>): T {
  const { ops, x, output, attributes: { axes } } = c;
  const equal = ops.eq(x, keepAxes(c, output));
  return ops.div(equal, ops.sum(equal, { axes, keepDims: true }));
}

/** The vjp of max and min. */
export function shareAmongTies<T>(c: RuleContext<T, Reduction>, g: T): T {
  return c.ops.mul(keepAxes(c, g), tieShares(c));
}

/** The jvp of max and min. */
export function sumOfTies<T>(c: RuleContext<T, Reduction>, dx: T): T {
  return c.ops.sum(c.ops.mul(dx, tieShares(c)), c.attributes);
}
