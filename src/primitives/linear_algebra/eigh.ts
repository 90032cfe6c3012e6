import { eighArray } from "../../array/linear_algebra/eigen.ts";
import {
  checkSquare,
  divideByDifferences,
  LEFT,
  orUndetermined,
  PLAIN,
  RIGHT,
  rowsOf,
  stackRows,
  sumRows,
  symmetricPart,
} from "./matrix_rules.ts";
import { alongLeadingAxes } from "../batching.ts";
import type { Primitive, RuleContext } from "../primitive.ts";
import { toArray } from "../../array/value.ts";

/** Eigenvalues, ascending, over the matrix of eigenvectors of the symmetric part of each matrix. */
export const eigh: Primitive<1> = {
  arity: 1,
  shape: ([shape]) => {
    const n = checkSquare("take the eigenvalues", shape).at(-1)!;
    return [...shape.slice(0, -2), n + 1, n];
  },
  forward: ([x], _, shape, dtype) => eighArray(toArray(x), shape, dtype),
  // Giles 2008, section 3.1.
  vjp: [(c, g) => {
    const { ops } = c;
    const [values, vectors] = parts(c, c.output);
    const [gValues, gVectors] = parts(c, g);
    const turn = divideByDifferences(ops, ops.matmul(vectors, gVectors, LEFT), values);
    const inner = ops.add(ops.mul(vectors, gValues), ops.matmul(vectors, turn, PLAIN));
    const derivative = symmetricPart(ops, ops.matmul(inner, vectors, RIGHT));
    return orUndetermined(ops, derivative, 1, values, gValues, [gVectors]);
  }],
  jvp: [(c, dx) => {
    const { ops } = c;
    const [values, vectors] = parts(c, c.output);
    const moved = ops.matmul(symmetricPart(ops, dx), vectors, PLAIN);
    const turn = divideByDifferences(ops, ops.matmul(vectors, moved, LEFT), values);
    return stackRows(ops, [sumRows(ops, ops.mul(vectors, moved)), ops.matmul(vectors, turn, PLAIN)]);
  }],
  batch: alongLeadingAxes,
  samples: [
    { shapes: [[3, 3]], diagonal: [0, 8, 16] },
    { shapes: [[2, 2, 2]], diagonal: [7, 0] },
    { shapes: [[1, 1]] },
    { shapes: [[0, 0]] },
  ],
};

/** Eigenvalues, a matrix of one row, and eigenvectors. */
function parts<T>({ ops, shapes: [shape] }: RuleContext<T, undefined>, packed: T): [T, T] {
  return [rowsOf(ops, packed, 0, 1), rowsOf(ops, packed, 1, shape!.at(-1)!)];
}
