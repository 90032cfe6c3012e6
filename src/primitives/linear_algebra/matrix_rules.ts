import { message } from "../../_internal/message.ts";
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

/**
 * `m[i, j] / (s[j] - s[i])` for the numbers s of a row, and 0 on the diagonal. Numbers that differ only by
 * rounding count as equal: there it is infinite, but 0 where m is 0, as where the vectors of s are not used.
 */
export function divideByDifferences<T>(ops: Ops<T>, m: T, row: T): T {
  const column = transposeMatrix(ops, row);
  const difference = ops.sub(row, column);
  const rounding = ops.mul(ops.add(ops.abs(row), ops.abs(column)), 4e-15);
  const ones = ops.broadcastTo(1, { shape: ops.shapeOf(m) });
  const lower = ops.triangle(ones, { upper: false, diagonal: 0 });
  const diagonal = ops.triangle(lower, { upper: true, diagonal: 0 });
  return quotient(ops, m, difference, ops.le(ops.abs(difference), rounding), diagonal);
}

/** `m / x`, and 0 where both are 0. */
export function divideOrZero<T>(ops: Ops<T>, m: T, x: T): T {
  return quotient(ops, m, x, ops.eq(x, 0), 0);
}

/** A quotient that is 0 where it is settled that it is, or m is 0, also where the divisor is 0. */
function quotient<T>(ops: Ops<T>, m: T, divisor: T, divisorIsZero: T, settled: T | number): T {
  const zero = ops.maximum(settled, ops.mul(divisorIsZero, ops.eq(m, 0)));
  // The divisor is replaced too, so that no derivative comes from the branch not taken.
  const safe = ops.where(zero, 1, ops.where(divisorIsZero, 0, divisor));
  return ops.where(zero, 0, ops.div(m, safe));
}
