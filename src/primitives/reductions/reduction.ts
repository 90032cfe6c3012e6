import { message } from "../../_internal/message.ts";
import type { maxArray } from "../../array/reductions.ts";
import { reducedShape, type Shape } from "../../array/shape.ts";
import { toArray } from "../../array/value.ts";
import { shiftAxes } from "../batching.ts";
import type { Ops, Primitive, RuleContext, Sample } from "../primitive.ts";

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

/** The shape rule of a reduction. */
export function reductionShape([shape]: readonly Shape[], { axes, keepDims }: Reduction): Shape {
  return reducedShape(shape!, axes, keepDims);
}

/** The shape rule of a reduction that is undefined for no elements. */
function nonemptyShape([shape]: readonly Shape[], { axes, keepDims }: Reduction, operation: string): Shape {
  const empty = axes.find((axis) => shape![axis] === 0);
  if (empty === undefined) return reducedShape(shape!, axes, keepDims);
  throw new TypeError(
    message`Cannot take the ${operation} of no elements: axis ${empty} of shape
    ${shape!} has length 0`,
  );
}

/** The largest or the smallest element along axes; ties share the derivative evenly. */
export function extremeAlongAxes(reduce: typeof maxArray): Primitive<1, Reduction> {
  return {
    arity: 1,
    shape: nonemptyShape,
    forward: ([x], { axes, keepDims }) => reduce(toArray(x!), axes, keepDims),
    vjp: [(c, g) => c.ops.mul(keepAxes(c, g), tieShares(c))],
    jvp: [(c, dx) => c.ops.sum(c.ops.mul(dx, tieShares(c)), c.attributes)],
    batch: shiftAxes,
    samples: REDUCTION_SAMPLES,
  };
}

/** Reshapes a reduced value so that it broadcasts against the operand. */
export function keepAxes<T>(c: RuleContext<T, Reduction>, reduced: T): T {
  return c.attributes.keepDims
    ? reduced
    : c.ops.reshape(reduced, { shape: reducedShape(c.shapes[0]!, c.attributes.axes, true) });
}

/** A value with 0 in place of -Infinity, so that what is subtracted from it is not NaN. */
export function finiteOrZero<T>(ops: Ops<T>, x: T): T {
  return ops.where(ops.eq(x, -Infinity), 0, x);
}

/** The share of each element in the extreme one: 1 / ties where it is equal to it, else 0. */
function tieShares<T>(c: RuleContext<T, Reduction>): T {
  const { ops, x, output, attributes: { axes } } = c;
  const equal = ops.eq(x, keepAxes(c, output));
  return ops.div(equal, ops.sum(equal, { axes, keepDims: true }));
}
