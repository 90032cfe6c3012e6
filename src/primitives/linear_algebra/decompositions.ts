/** Matrices as products of simpler ones. */
import { message } from "../../_internal/message.ts";
import { eighArray } from "../../array/linear_algebra/eigen.ts";
import { spectrumRounding } from "../../array/linear_algebra/matrices.ts";
import { qrArray } from "../../array/linear_algebra/reflections.ts";
import { svdArray } from "../../array/linear_algebra/svd.ts";
import { choleskyArray } from "../../array/linear_algebra/triangular.ts";
import { toArray } from "../../array/value.ts";
import { alongLeadingAxes } from "../batching.ts";
import {
  checkSquare,
  divideByDifferences,
  divideOrZero,
  LEFT,
  orUndetermined,
  PLAIN,
  RIGHT,
  rowsOf,
  stackRows,
  sumRows,
  symmetricPart,
  transposeMatrix,
  withoutRounding,
} from "./matrix_rules.ts";
import type { Ops, Primitive, RuleContext } from "../primitive.ts";

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
    const [q, factor] = partsOfQr(c, c.output);
    const r = withoutDependent(ops, factor);
    const [gq, gr] = partsOfQr(c, g);
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
    const [q, factor] = partsOfQr(c, c.output);
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
function partsOfQr<T>({ ops, shapes: [shape] }: RuleContext<T, undefined>, packed: T): [T, T] {
  const [m, n] = shape!.slice(-2) as [number, number];
  return [rowsOf(ops, packed, 0, m), rowsOf(ops, packed, m, n)];
}

/** `x` times the inverse of the transpose of an upper triangular matrix. */
function divideByTransposed<T>(ops: Ops<T>, x: T, r: T): T {
  return transposeMatrix(ops, ops.triangularSolve(r, transposeMatrix(ops, x), DIVISION));
}

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
    const [values, vectors] = partsOfEigh(c, c.output);
    const [gValues, gVectors] = partsOfEigh(c, g);
    const turn = divideByDifferences(ops, ops.matmul(vectors, gVectors, LEFT), values);
    const inner = ops.add(ops.mul(vectors, gValues), ops.matmul(vectors, turn, PLAIN));
    const derivative = symmetricPart(ops, ops.matmul(inner, vectors, RIGHT));
    return orUndetermined(ops, derivative, 1, values, gValues, [gVectors]);
  }],
  jvp: [(c, dx) => {
    const { ops } = c;
    const [values, vectors] = partsOfEigh(c, c.output);
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
function partsOfEigh<T>({ ops, shapes: [shape] }: RuleContext<T, undefined>, packed: T): [T, T] {
  return [rowsOf(ops, packed, 0, 1), rowsOf(ops, packed, 1, shape!.at(-1)!)];
}

/**
 * Left vectors, singular values and right vectors, one over the other, of each matrix with at least as many
 * rows as columns.
 */
export const svd: Primitive<1> = {
  arity: 1,
  shape: ([shape]) => {
    const [m, n] = shape.slice(-2) as [number, number];
    if (shape.length < 2 || m < n) {
      throw new TypeError(
        message`Cannot take the singular values: the operand has shape ${shape}, matrices
        need at least as many rows as columns`,
      );
    }
    return [...shape.slice(0, -2), m + 1 + n, n];
  },
  forward: ([x], _, shape, dtype) => svdArray(toArray(x), shape, dtype),
  // Townsend, "Differentiating the singular value decomposition", 2016, with 1 / (s_j^2 - s_i^2) taken apart:
  // its factor 1 / (s_j + s_i) stays finite where two values are equal.
  vjp: [<T>(c: RuleContext<T, undefined>, g: T): T => {
    const { ops } = c;
    const [u, values, v] = partsOfSvd(c, c.output);
    const s = withoutRounding(ops, values);
    const [gu, gs, gv] = partsOfSvd(c, g);
    const left = ops.matmul(u, gu, LEFT);
    const right = ops.matmul(v, gv, LEFT);
    const apart = divideByDifferences(ops, ops.add(left, right), s);
    const together = divideBySums(ops, antisymmetricPart(ops, ops.sub(left, right)), s);
    const inner = ops.add(symmetricPart(ops, apart), together);
    const turned = ops.add(ops.matmul(u, inner, PLAIN), ops.mul(u, gs));
    const outside = (): T => divideOrZero(ops, ops.sub(gu, ops.matmul(u, left, PLAIN)), s);
    const derivative = ops.matmul(isSquare(c) ? turned : ops.add(turned, outside()), v, RIGHT);
    return orUndetermined(ops, derivative, isSquare(c) ? 1 : 0, s, gs, [gu, gv]);
  }],
  jvp: [<T>(c: RuleContext<T, undefined>, dx: T): T => {
    const { ops } = c;
    const [u, values, v] = partsOfSvd(c, c.output);
    const s = withoutRounding(ops, values);
    const moved = ops.matmul(dx, v, PLAIN);
    const inner = ops.matmul(u, moved, LEFT);
    const apart = divideByDifferences(ops, symmetricPart(ops, inner), s);
    const together = divideBySums(ops, antisymmetricPart(ops, inner), s);
    const turned = ops.matmul(u, ops.add(apart, together), PLAIN);
    const outside = (): T => divideOrZero(ops, ops.sub(moved, ops.matmul(u, inner, PLAIN)), s);
    return stackRows(ops, [
      isSquare(c) ? turned : ops.add(turned, outside()),
      sumRows(ops, ops.mul(u, moved)),
      ops.matmul(v, ops.sub(apart, together), PLAIN),
    ]);
  }],
  batch: alongLeadingAxes,
  samples: [
    { shapes: [[4, 3]], diagonal: [5, 11, 17] },
    { shapes: [[3, 3]], diagonal: [5, 11, 17] },
    { shapes: [[2, 3, 2]], diagonal: [10, 3] },
    { shapes: [[1, 1]], domains: [[1, 2]] },
    { shapes: [[2, 0]] },
  ],
};

/** Left vectors, singular values (a matrix of one row) and right vectors. */
function partsOfSvd<T>({ ops, shapes: [shape] }: RuleContext<T, undefined>, packed: T): [T, T, T] {
  const [m, n] = shape!.slice(-2) as [number, number];
  return [rowsOf(ops, packed, 0, m), rowsOf(ops, packed, m, 1), rowsOf(ops, packed, m + 1, n)];
}

/** Whether the left vectors span everything, so that a change never leads outside of them. */
function isSquare<T>({ shapes: [shape] }: RuleContext<T, undefined>): boolean {
  return shape!.at(-1) === shape!.at(-2);
}

/** `m[i, j] / (s[i] + s[j])`. */
function divideBySums<T>(ops: Ops<T>, m: T, row: T): T {
  return divideOrZero(ops, m, ops.add(row, transposeMatrix(ops, row)));
}

/** Half the difference of each matrix and its transpose. */
function antisymmetricPart<T>(ops: Ops<T>, x: T): T {
  return ops.mul(ops.sub(x, transposeMatrix(ops, x)), 0.5);
}
