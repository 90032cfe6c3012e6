import { choleskyArray } from "../../array/linear_algebra/triangular.ts";
import { checkSquare, LEFT, PLAIN, symmetricPart, transposeMatrix } from "./matrix_rules.ts";
import { alongLeadingAxes } from "../batching.ts";
import type { Ops, Primitive } from "../primitive.ts";
import { toArray } from "../../array/value.ts";

const LOWER = { upper: false, transpose: false, unitDiagonal: false } as const;

/** The lower triangular L with `L transpose(L)` equal to the symmetric part of each matrix. */
export const cholesky: Primitive<1> = {
  arity: 1,
  shape: ([shape]) => checkSquare("take the Cholesky factor", shape),
  forward: ([x], _, __, dtype) => choleskyArray(toArray(x), dtype),
  // Murray, "Differentiation of the Cholesky decomposition", 2016, equations 7 to 10.
  vjp: [({ ops, output }, g) => {
    const inner = halfTriangle(ops, ops.matmul(output, g, LEFT));
    const half = ops.triangularSolve(output, inner, { ...LOWER, transpose: true });
    const whole = ops.triangularSolve(output, transposeMatrix(ops, half), { ...LOWER, transpose: true });
    return symmetricPart(ops, whole);
  }],
  jvp: [({ ops, output }, dx) => {
    const half = ops.triangularSolve(output, symmetricPart(ops, dx), LOWER);
    const whole = ops.triangularSolve(output, transposeMatrix(ops, half), LOWER);
    return ops.matmul(output, halfTriangle(ops, whole), PLAIN);
  }],
  batch: alongLeadingAxes,
  samples: [
    { shapes: [[3, 3]], diagonal: [7, 8, 9] },
    { shapes: [[2, 2, 2]], diagonal: [6, 6] },
    { shapes: [[1, 1]], domains: [[1, 2]] },
    { shapes: [[0, 0]] },
  ],
};

/** The lower triangle with half the diagonal. */
function halfTriangle<T>(ops: Ops<T>, x: T): T {
  const lower = ops.triangle(x, { upper: false, diagonal: 0 });
  return ops.mul(ops.add(lower, ops.triangle(x, { upper: false, diagonal: -1 })), 0.5);
}
