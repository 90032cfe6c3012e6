import { logDeterminantArray } from "../../array/linear_algebra/triangular.ts";
import { checkSquare, perMatrix, sumMatrix, transposeMatrix } from "./matrix_rules.ts";
import { alongLeadingAxes } from "../batching.ts";
import type { Primitive } from "../primitive.ts";
import { toArray } from "../../array/value.ts";

/** The logarithm of the size of the determinant of each matrix. */
export const logDeterminant: Primitive<1> = {
  arity: 1,
  shape: ([shape]) => checkSquare("take the determinant", shape).slice(0, -2),
  forward: ([x], _, shape, dtype) => logDeterminantArray(toArray(x), shape, dtype, "log"),
  vjp: [({ ops, x }, g) => ops.mul(perMatrix(ops, g), transposeMatrix(ops, ops.inverse(x)))],
  jvp: [({ ops, x }, dx) => sumMatrix(ops, ops.mul(transposeMatrix(ops, ops.inverse(x)), dx))],
  batch: alongLeadingAxes,
  samples: [
    { shapes: [[3, 3]], diagonal: [6, -6, 6] },
    { shapes: [[2, 2, 2]], diagonal: [5, 5] },
    { shapes: [[0, 0]] },
  ],
};
