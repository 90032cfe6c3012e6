import { inverseArray } from "../../array/linear_algebra/lu.ts";
import { checkSquare, LEFT, PLAIN, RIGHT } from "./matrix_rules.ts";
import type { Primitive } from "../primitive.ts";
import { toArray } from "../reductions/reduction.ts";

/** The inverse of each matrix. */
export const inverse: Primitive<1> = {
  name: "inverse",
  arity: 1,
  shape: ([shape]) => checkSquare("invert", shape!),
  forward: ([x], _, __, dtype) => inverseArray(toArray(x!), dtype),
  // Giles 2008, section 2.2.3.
  vjp: [({ ops, output }, g) => ops.neg(ops.matmul(ops.matmul(output, g, LEFT), output, RIGHT))],
  jvp: [({ ops, output }, dx) => ops.neg(ops.matmul(ops.matmul(output, dx, PLAIN), output, PLAIN))],
  batch: ({ ops, inputs: [x] }) => ops.inverse(x!),
  samples: [
    { shapes: [[3, 3]], diagonal: [6, -6, 6] },
    { shapes: [[2, 2, 2]], diagonal: [5, 5] },
    { shapes: [[1, 1]], domains: [[1, 2]] },
    { shapes: [[0, 0]] },
  ],
};
