import { sumArray } from "../../array/reduce.ts";
import type { Primitive } from "../primitive.ts";
import {
  behindBatch,
  keepAxes,
  type Reduction,
  REDUCTION_SAMPLES,
  reductionShape,
  toArray,
} from "./reduction.ts";

/** The sum along axes; the sum of nothing is 0. */
export const sum: Primitive<1, Reduction> = {
  name: "sum",
  arity: 1,
  shape: reductionShape("sum", true),
  forward: ([x], { axes, keepDims }) => sumArray(toArray(x!), axes, keepDims),
  vjp: [(c, g) => c.ops.broadcastTo(keepAxes(c, g), { shape: c.shapes[0]! })],
  jvp: [({ ops, attributes }, dx) => ops.sum(dx, attributes)],
  batch: ({ ops, inputs: [x], attributes }) => ops.sum(x!, behindBatch(attributes)),
  samples: [...REDUCTION_SAMPLES, { shapes: [[0, 2]], attributes: { axes: [0], keepDims: false } }],
};
