import { matrixExpArray } from "../../array/linear_algebra/matrix_exp.ts";
import { checkSquare, transposeMatrix } from "./matrix_rules.ts";
import { alongLeadingAxes } from "../batching.ts";
import type { Ops, Primitive } from "../primitive.ts";
import { toArray } from "../../array/value.ts";

/** The exponential of each matrix. */
export const matrixExp: Primitive<1> = {
  arity: 1,
  shape: ([shape]) => checkSquare("take the matrix exponential", shape),
  forward: ([x], _, __, dtype) => matrixExpArray(toArray(x), dtype),
  vjp: [({ ops, x }, g) => frechet(ops, transposeMatrix(ops, x), g)],
  jvp: [({ ops, x }, dx) => frechet(ops, x, dx)],
  batch: alongLeadingAxes,
  samples: [{ shapes: [[3, 3]] }, { shapes: [[2, 2, 2]] }, { shapes: [[1, 1]] }, { shapes: [[0, 0]] }],
};

/**
 * The derivative at x in a direction: the upper right block of `exp([[x, direction], [0, x]])`. Al-Mohy and
 * Higham, "Computing the Frechet derivative of the matrix exponential", 2009, equation 1.1.
 */
function frechet<T>(ops: Ops<T>, x: T, direction: T): T {
  const size = ops.shapeOf(x);
  const n = size.at(-1)!;
  const batch = size.slice(0, -2);
  const at = (row: number, column: number): number[] => [...batch.map(() => 0), row, column];
  const shape = [...batch, 2 * n, 2 * n];
  const corners = ops.add(ops.place(x, { begin: at(0, 0), shape }), ops.place(x, { begin: at(n, n), shape }));
  const block = ops.add(corners, ops.place(direction, { begin: at(0, n), shape }));
  return ops.slice(ops.matrixExp(block), { begin: at(0, n), size });
}
