import { logDeterminantArray } from "../../array/linear_algebra/triangular.ts";
import { checkSquare } from "./matrix_rules.ts";
import { alongLeadingAxes } from "../batching.ts";
import type { Primitive } from "../primitive.ts";
import { toArray } from "../../array/value.ts";

/** The sign of the determinant of each matrix: -1, 0 or 1. */
export const determinantSign: Primitive<1> = {
  arity: 1,
  shape: ([shape]) => checkSquare("take the determinant", shape).slice(0, -2),
  forward: ([x], _, shape, dtype) => logDeterminantArray(toArray(x), shape, dtype, "sign"),
  vjp: [null],
  jvp: [null],
  batch: alongLeadingAxes,
  samples: [{ shapes: [[3, 3]], diagonal: [6, -6, 6] }, { shapes: [[2, 2, 2]], diagonal: [5, 5] }],
};
