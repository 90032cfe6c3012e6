import { message } from "../../_internal/message.ts";
import { spectrumRounding } from "../../array/linear_algebra/matrices.ts";
import { qrArray } from "../../array/linear_algebra/reflections.ts";
import { LEFT, PLAIN, RIGHT, rowsOf, stackRows, transposeMatrix } from "./matrix_rules.ts";
import { alongLeadingAxes } from "../batching.ts";
import type { Ops, Primitive, RuleContext } from "../primitive.ts";
import { toArray } from "../../array/value.ts";

/**
 * Q over R of each matrix with at least as many rows as columns: Q has orthonormal columns, R is upper
 * triangular with a diagonal that is not negative.
 */
export const qr: Primitive<1> = {
  arity: 1,
  shape: ([shape]) => {
    const [m, n] = shape.slice(-2) as [number, number];
    if (shape.length < 2 || m < n) {
      throw new TypeError(
        message`Cannot take the QR decomposition: the operand has shape ${shape},
        matrices need at least as many rows as columns`,
      );
    }
    return [...shape.slice(0, -2), m + n, n];
  },
  forward: ([x], _, shape, dtype) => qrArray(toArray(x), shape, dtype),
  // Walter and Lehmann, "On evaluating higher-order derivatives of the QR decomposition of tall matrices with
  // full column rank in forward and reverse mode algorithmic differentiation", 2012.
  vjp: [(c, g) => {
    const { ops } = c;
    const [q, factor] = parts(c, c.output);
    const r = withoutDependent(ops, factor);
    const [gq, gr] = parts(c, g);
    const inner = ops.sub(ops.matmul(r, gr, RIGHT), ops.matmul(gq, q, LEFT));
    const below = ops.triangle(inner, { upper: false, diagonal: -1 });
    const mirrored = ops.add(
      ops.triangle(inner, { upper: false, diagonal: 0 }),
      transposeMatrix(ops, below),
    );
    return divideByTransposed(ops, ops.add(gq, ops.matmul(q, mirrored, PLAIN)), r);
  }],
  jvp: [(c, dx) => {
    const { ops } = c;
    const [q, factor] = parts(c, c.output);
    const r = withoutDependent(ops, factor);
    const solved = transposeMatrix(
      ops,
      ops.triangularSolve(r, transposeMatrix(ops, dx), { ...DIVISION, transpose: true }),
    );
    const inner = ops.matmul(q, solved, LEFT);
    const below = ops.triangle(inner, { upper: false, diagonal: -1 });
    // The part of the change that stays in R; the rest turns Q.
    const upper = ops.add(ops.sub(inner, below), transposeMatrix(ops, below));
    return stackRows(ops, [ops.sub(solved, ops.matmul(q, upper, PLAIN)), ops.matmul(upper, r, PLAIN)]);
  }],
  batch: alongLeadingAxes,
  samples: [
    { shapes: [[4, 3]], diagonal: [5, 5, 5] },
    { shapes: [[3, 3]], diagonal: [5, -5, 5] },
    { shapes: [[2, 3, 2]], diagonal: [4, 4] },
    { shapes: [[1, 1]], domains: [[1, 2]] },
    { shapes: [[2, 0]] },
  ],
};

/** Dividing by R, which columns that depend on each other prevent. */
const DIVISION = {
  upper: true,
  transpose: false,
  unitDiagonal: false,
  action: "differentiate the QR decomposition of a matrix without full column rank",
} as const;

/** R with exact zeros where rounding alone is left of a column, as for one that depends on those before it. */
function withoutDependent<T>(ops: Ops<T>, r: T): T {
  const { length } = ops.shapeOf(r);
  if (ops.shapeOf(r).at(-1) === 0) return r;
  const size = ops.abs(r);
  const largest = ops.stopGradient(ops.max(size, { axes: [length - 2], keepDims: true }));
  return ops.where(ops.le(size, ops.mul(largest, spectrumRounding(ops.shapeOf(r).at(-1)!))), 0, r);
}

/** Q and R. */
function parts<T>({ ops, shapes: [shape] }: RuleContext<T, undefined>, packed: T): [T, T] {
  const [m, n] = shape!.slice(-2) as [number, number];
  return [rowsOf(ops, packed, 0, m), rowsOf(ops, packed, m, n)];
}

/** `x` times the inverse of the transpose of an upper triangular matrix. */
function divideByTransposed<T>(ops: Ops<T>, x: T, r: T): T {
  return transposeMatrix(ops, ops.triangularSolve(r, transposeMatrix(ops, x), DIVISION));
}
