import { sumArray } from "../../array/reductions.ts";
import { shiftAxes } from "../batching.ts";
import type { Primitive } from "../primitive.ts";
import { toArray } from "../../array/value.ts";
import { keepAxes, type Reduction, REDUCTION_SAMPLES, reductionShape } from "./reduction.ts";

/** The sum along axes; the sum of nothing is 0. */
export const sum: Primitive<1, Reduction> = {
  arity: 1,
  shape: reductionShape,
  forward: ([x], { axes, keepDims }) => sumArray(toArray(x), axes, keepDims),
  vjp: [(c, g) => c.ops.broadcastTo(keepAxes(c, g), { shape: c.shapes[0]! })],
  linear: true,
  batch: shiftAxes,
  samples: [...REDUCTION_SAMPLES, { shapes: [[0, 2]], attributes: { axes: [0], keepDims: false } }],
};
