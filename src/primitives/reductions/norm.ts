import { normArray } from "../../array/reductions.ts";
import { reducedShape } from "../../array/shape.ts";
import { shiftAxes } from "../batching.ts";
import type { Primitive, RuleContext } from "../primitive.ts";
import { toArray } from "../../array/value.ts";
import { keepAxes, type Reduction, REDUCTION_SAMPLES } from "./reduction.ts";

/** The attributes of {@linkcode norm}. */
interface Norm extends Reduction {
  /** At least 1 and finite. */
  readonly order: number;
}

/** `sum(abs(x) ** order) ** (1 / order)` along axes; the derivative at 0 is 0. */
export const norm: Primitive<1, Norm> = {
  arity: 1,
  shape: ([shape], { axes, keepDims }) => reducedShape(shape, axes, keepDims),
  forward: ([x], { order, axes, keepDims }) => normArray(toArray(x), order, axes, keepDims),
  vjp: [(c, g) => c.ops.mul(keepAxes(c, g), slope(c))],
  jvp: [(c, dx) => c.ops.sum(c.ops.mul(dx, slope(c)), c.attributes)],
  batch: shiftAxes,
  samples: [
    ...REDUCTION_SAMPLES.map(({ shapes, attributes }) => ({
      shapes,
      attributes: { ...attributes!, order: 2 },
    })),
    { shapes: [[2, 3]], attributes: { axes: [1], keepDims: false, order: 3 } },
    { shapes: [[2, 3]], attributes: { axes: [0, 1], keepDims: true, order: 2.5 } },
  ],
};

function slope<T>(c: RuleContext<T, Norm>): T {
  const { ops, x, attributes: { order } } = c;
  const length = keepAxes(c, c.output);
  // Where the norm is 0, dividing by Infinity gives 0 for derivatives of any order.
  const share = ops.div(x, ops.where(length, length, Infinity));
  return order === 2 ? share : ops.mul(ops.sign(x), ops.pow(ops.abs(share), order - 1));
}
