import { message } from "../../_internal/message.ts";
import { spectrumRounding } from "../../array/linear_algebra/matrices.ts";
import type { Shape } from "../../array/shape.ts";
import type { Ops } from "../primitive.ts";

/** Which operand of a matrix product is read as its transpose. */
export const PLAIN = { transposeX: false, transposeY: false } as const;
/** `transpose(x) y`. */
export const LEFT = { transposeX: true, transposeY: false } as const;
/** `x transpose(y)`. */
export const RIGHT = { transposeX: false, transposeY: true } as const;

/**
 * Checks that an operand holds square matrices.
 *
 * @throws {TypeError} If it does not
 */
export function checkSquare(action: string, shape: Shape): Shape {
  if (shape.length >= 2 && shape[shape.length - 1] === shape[shape.length - 2]) return shape;
  throw new TypeError(
    message`Cannot ${action}: the operand has shape ${shape}, its last two axes must have
    the same length`,
  );
}

/** The last two axes exchanged. */
export function transposeMatrix<T>(ops: Ops<T>, x: T): T {
  const rank = ops.shapeOf(x).length;
  const axes = Array.from({ length: rank }, (_, i) => i < rank - 2 ? i : 2 * rank - 3 - i);
  return ops.transpose(x, { axes });
}

/** Half the sum of each matrix and its transpose. */
export function symmetricPart<T>(ops: Ops<T>, x: T): T {
  return ops.mul(ops.add(x, transposeMatrix(ops, x)), 0.5);
}

/** One number per matrix, shaped to broadcast over its elements. */
export function perMatrix<T>(ops: Ops<T>, x: T): T {
  return ops.reshape(x, { shape: [...ops.shapeOf(x), 1, 1] });
}

/** The sum over the elements of each matrix. */
export function sumMatrix<T>(ops: Ops<T>, x: T): T {
  const rank = ops.shapeOf(x).length;
  return ops.sum(x, { axes: [rank - 2, rank - 1], keepDims: false });
}

/** The sum over the rows of each matrix, a matrix of one row. */
export function sumRows<T>(ops: Ops<T>, x: T): T {
  return ops.sum(x, { axes: [ops.shapeOf(x).length - 2], keepDims: true });
}

/** Some rows of each matrix. */
export function rowsOf<T>(ops: Ops<T>, x: T, first: number, count: number): T {
  const shape = ops.shapeOf(x);
  const axis = shape.length - 2;
  return ops.slice(x, {
    begin: shape.map((_, i) => i === axis ? first : 0),
    size: shape.map((length, i) => i === axis ? count : length),
  });
}

/** Matrices one below the other. */
export function stackRows<T>(ops: Ops<T>, parts: readonly T[]): T {
  return ops.concat(parts, { axis: ops.shapeOf(parts[0]!).length - 2 });
}

/** The distance within which the numbers of a row, of each matrix, count as equal. */
function roundingOf<T>(ops: Ops<T>, row: T): T {
  const largest = ops.max(ops.abs(row), { axes: [ops.shapeOf(row).length - 1], keepDims: true });
  return ops.mul(ops.stopGradient(largest), spectrumRounding(ops.shapeOf(row).at(-1)!));
}

/** A spectrum with exact zeros in place of numbers that are 0 but for rounding. */
export function withoutRounding<T>(ops: Ops<T>, row: T): T {
  if (ops.shapeOf(row).at(-1) === 0) return row;
  return ops.where(ops.le(ops.abs(row), roundingOf(ops, row)), 0, row);
}

/**
 * `m[i, j] / (s[j] - s[i])` for the numbers s of a row, and 0 on the diagonal. Between equal numbers, whose vectors
 * are any basis of a plane, it is NaN; but 0 where m is 0, as where those vectors are not used.
 */
export function divideByDifferences<T>(ops: Ops<T>, m: T, row: T): T {
  if (ops.shapeOf(row).at(-1) === 0) return m;
  const difference = ops.sub(row, transposeMatrix(ops, row));
  const ones = ops.broadcastTo(1, { shape: ops.shapeOf(m) });
  const lower = ops.triangle(ones, { upper: false, diagonal: 0 });
  const diagonal = ops.triangle(lower, { upper: true, diagonal: 0 });
  return quotient(ops, m, difference, ops.le(ops.abs(difference), roundingOf(ops, row)), diagonal);
}

/** `m / x`, NaN where x is 0; but 0 where both are. */
export function divideOrZero<T>(ops: Ops<T>, m: T, x: T): T {
  return quotient(ops, m, x, ops.eq(x, 0), 0);
}

/** A quotient that is 0 where it is settled that it is, or m is 0, also where the divisor is 0; else NaN there. */
function quotient<T>(ops: Ops<T>, m: T, divisor: T, divisorIsZero: T, settled: T | number): T {
  const zero = ops.maximum(settled, ops.mul(divisorIsZero, ops.eq(m, 0)));
  // The divisor is replaced too, so that no derivative comes from the branch not taken.
  const safe = ops.where(zero, 1, ops.where(divisorIsZero, NaN, divisor));
  return ops.where(zero, 0, ops.div(m, safe));
}

/**
 * The derivative of a matrix by its spectrum and vectors, or NaN where these do not determine it: where several numbers
 * of the spectrum are 0, a product of vectors and spectrum (the matrix again, or a function of it) passes back nothing
 * to their vectors, as if they were not used, although it depends on all of the plane that they span.
 *
 * @param few How many zeros leave the vectors determined
 * @param row The spectrum
 * @param gRow Its cotangent
 * @param gVectors The cotangents of the vectors
 */
export function orUndetermined<T>(
  ops: Ops<T>,
  derivative: T,
  few: number,
  row: T,
  gRow: T,
  gVectors: readonly T[],
): T {
  const count = ops.shapeOf(row).at(-1)!;
  if (count <= few) return derivative;
  const rank = ops.shapeOf(row).length;
  const all = { axes: [rank - 2, rank - 1], keepDims: true };
  const largest = ops.max(ops.abs(row), all);
  const zero = ops.le(ops.abs(row), ops.mul(largest, spectrumRounding(count)));
  const many = ops.gt(ops.sum(zero, all), few);
  const moved = ops.gt(ops.sum(ops.mul(zero, ops.ne(gRow, 0)), all), 0);
  // Where all numbers are 0, a function of them alone that treats them alike is still told from others.
  const differ = ops.mul(ops.eq(largest, 0), ops.ne(ops.max(gRow, all), ops.min(gRow, all)));
  const used = gVectors.map((g) => ops.gt(ops.sum(ops.ne(g, 0), all), 0)).reduce(
    (a, b) => ops.maximum(a, b),
    differ,
  );
  return ops.where(ops.mul(ops.mul(many, moved), used), NaN, derivative);
}
