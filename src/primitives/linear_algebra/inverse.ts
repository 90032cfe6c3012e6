import { inverseArray } from "../../array/linear_algebra/triangular.ts";
import { checkSquare, LEFT, PLAIN, RIGHT } from "./matrix_rules.ts";
import { alongLeadingAxes } from "../batching.ts";
import type { Primitive } from "../primitive.ts";
import { toArray } from "../../array/value.ts";

/** The inverse of each matrix. */
export const inverse: Primitive<1> = {
  arity: 1,
  shape: ([shape]) => checkSquare("invert", shape),
  forward: ([x], _, __, dtype) => inverseArray(toArray(x), dtype),
  // Giles 2008, section 2.2.3.
  vjp: [({ ops, output }, g) => ops.neg(ops.matmul(ops.matmul(output, g, LEFT), output, RIGHT))],
  jvp: [({ ops, output }, dx) => ops.neg(ops.matmul(ops.matmul(output, dx, PLAIN), output, PLAIN))],
  batch: alongLeadingAxes,
  samples: [
    { shapes: [[3, 3]], diagonal: [6, -6, 6] },
    { shapes: [[2, 2, 2]], diagonal: [5, 5] },
    { shapes: [[1, 1]], domains: [[1, 2]] },
    { shapes: [[0, 0]] },
  ],
};
