/** Matrices as products of triangular ones, and what these solve. */
import { message } from "../../_internal/message.ts";
import { allocate, type DType, type FloatArray } from "../dtype.ts";
import { batchOffsets } from "./matmul.ts";
import { eachMatrix, nameMatrix, readMatrix } from "./matrices.ts";
import { NdArray } from "../nd_array.ts";
import { type Shape, sizeOf } from "../shape.ts";

/**
 * Factors a square matrix in place into L and U with row exchanges (Golub and Van Loan, algorithm 3.4.1).
 * A column without a pivot is left as it is, and its pivot is 0.
 *
 * @param order Becomes the order of the rows: row i of L U is row `order[i]` of the matrix
 * @returns The sign of that order, 1 or -1
 */
export function factorLu(a: Float64Array, n: number, order: Int32Array): number {
  let sign = 1;
  for (let i = 0; i < n; i++) order[i] = i;
  for (let k = 0; k < n; k++) {
    let best = k;
    let size = Math.abs(a[k * n + k]!);
    for (let i = k + 1; i < n; i++) {
      const candidate = Math.abs(a[i * n + k]!);
      if (candidate > size) size = candidate, best = i;
    }
    if (best !== k) {
      sign = -sign;
      exchangeRows(a, n, k, best);
      const swap = order[k]!;
      order[k] = order[best]!;
      order[best] = swap;
    }
    const pivot = a[k * n + k]!;
    if (pivot === 0) continue;
    for (let i = k + 1; i < n; i++) {
      const factor = a[i * n + k] = a[i * n + k]! / pivot;
      if (factor === 0) continue;
      for (let j = k + 1, p = i * n + k + 1, q = k * n + k + 1; j < n; j++) a[p++]! -= factor * a[q++]!;
    }
  }
  return sign;
}

function exchangeRows(a: Float64Array, n: number, i: number, j: number): void {
  for (let k = 0, p = i * n, q = j * n; k < n; k++, p++, q++) {
    const swap = a[p]!;
    a[p] = a[q]!;
    a[q] = swap;
  }
}

/** Solves L U x = b, or its transpose, for `columns` right-hand sides in place. */
export function solveFactored(
  lu: Float64Array,
  n: number,
  order: Int32Array,
  b: Float64Array,
  columns: number,
  transpose: boolean,
): void {
  if (!transpose) {
    permuteRows(b, columns, order, false);
    substitute(lu, n, b, columns, { upper: false, transpose: false, unitDiagonal: true });
    substitute(lu, n, b, columns, { upper: true, transpose: false, unitDiagonal: false });
  } else {
    substitute(lu, n, b, columns, { upper: true, transpose: true, unitDiagonal: false });
    substitute(lu, n, b, columns, { upper: false, transpose: true, unitDiagonal: true });
    permuteRows(b, columns, order, true);
  }
}

/** Row i becomes what row `order[i]` was; backwards, row `order[i]` becomes what row i was. */
function permuteRows(b: Float64Array, columns: number, order: Int32Array, backwards: boolean): void {
  const before = b.slice();
  for (let i = 0; i < order.length; i++) {
    const from = backwards ? i : order[i]!;
    const to = backwards ? order[i]! : i;
    for (let j = 0; j < columns; j++) b[to * columns + j] = before[from * columns + j]!;
  }
}

/** How a triangular matrix is read. */
export interface Triangle {
  /** Whether the upper triangle is read, not the lower. */
  readonly upper: boolean;
  /** Whether the system of the transposed matrix is solved. */
  readonly transpose: boolean;
  /** Whether the diagonal is taken as ones. */
  readonly unitDiagonal: boolean;
  /** What is solved for, to say what a singular matrix prevents; by default the system itself. */
  readonly action?: string;
}

/** Solves a triangular system in place by substitution, row operations on all right-hand sides at once. */
export function substitute(
  a: Float64Array,
  n: number,
  b: Float64Array,
  columns: number,
  { upper, transpose, unitDiagonal }: Triangle,
): void {
  const row = transpose ? 1 : n;
  const column = transpose ? n : 1;
  const backwards = upper !== transpose;
  for (let step = 0; step < n; step++) {
    const i = backwards ? n - 1 - step : step;
    const at = i * columns;
    for (let known = 0; known < step; known++) {
      const k = backwards ? n - 1 - known : known;
      const factor = a[i * row + k * column]!;
      if (factor === 0) continue;
      for (let j = 0, p = at, q = k * columns; j < columns; j++) b[p++]! -= factor * b[q++]!;
    }
    if (unitDiagonal) continue;
    const pivot = a[i * n + i]!;
    for (let j = 0; j < columns; j++) b[at + j]! /= pivot;
  }
}

/** Throws for a diagonal with a zero. */
export function checkPivots(what: string, a: Float64Array, n: number, index: number, count: number): void {
  for (let i = 0; i < n; i++) {
    if (a[i * n + i] === 0) {
      throw new RangeError(
        message`Cannot ${what}: ${nameMatrix(index, count)} is singular, pivot ${i} is 0;
        check the matrix, or use pseudoInverse()`,
      );
    }
  }
}

/** Solves `a x = b`, or `transpose(a) x = b`, for matrices b, batched with broadcasting. */
export function solveArrays(a: NdArray, b: NdArray, transpose: boolean, shape: Shape, dtype: DType): NdArray {
  const n = shape[shape.length - 2]!;
  const columns = shape[shape.length - 1]!;
  const out = allocate(dtype, sizeOf(shape));
  const batch = shape.slice(0, -2);
  const aOffsets = batchOffsets(a, batch, n * n);
  const bOffsets = batchOffsets(b, batch, n * columns);
  const lu = new Float64Array(n * n);
  const order = new Int32Array(n);
  const x = new Float64Array(n * columns);
  let factored = -1;
  for (let i = 0; i < aOffsets.length; i++) {
    if (aOffsets[i] !== factored) {
      factored = aOffsets[i]!;
      readMatrix(a.data, factored, lu);
      factorLu(lu, n, order);
      checkPivots("solve the linear system", lu, n, i, aOffsets.length);
    }
    readMatrix(b.data, bOffsets[i]!, x);
    solveFactored(lu, n, order, x, columns, transpose);
    out.set(x, i * n * columns);
  }
  return new NdArray(out, shape);
}

/** The inverse of each matrix. */
export function inverseArray(a: NdArray, dtype: DType): NdArray {
  const n = a.shape[a.shape.length - 1]!;
  const order = new Int32Array(n);
  const x = new Float64Array(n * n);
  const count = sizeOf(a.shape.slice(0, -2));
  return eachMatrix(a, a.shape, n * n, dtype, (lu, out, at, index) => {
    factorLu(lu, n, order);
    checkPivots("invert", lu, n, index, count);
    x.fill(0);
    for (let i = 0; i < n; i++) x[i * n + i] = 1;
    solveFactored(lu, n, order, x, n, false);
    out.set(x, at);
  });
}

/** The determinant of each matrix: written out up to 3 by 3, else the product of the pivots. */
export function determinantArray(a: NdArray, shape: Shape, dtype: DType): NdArray {
  const n = a.shape[a.shape.length - 1]!;
  const out = allocate(dtype, sizeOf(shape));
  if (n <= 3) {
    for (let i = 0; i < out.length; i++) out[i] = smallDeterminant(a.data, i * n * n, n);
    return new NdArray(out, shape);
  }
  const lu = new Float64Array(n * n);
  const order = new Int32Array(n);
  for (let i = 0; i < out.length; i++) {
    readMatrix(a.data, i * n * n, lu);
    out[i] = factoredDeterminant(lu, n, factorLu(lu, n, order));
  }
  return new NdArray(out, shape);
}

/** The product of the pivots, with the sign of the exchanges. */
export function factoredDeterminant(lu: Float64Array, n: number, sign: number): number {
  let product = sign;
  for (let i = 0; i < n; i++) product *= lu[i * n + i]!;
  return product;
}

function smallDeterminant(a: FloatArray, at: number, n: number): number {
  if (n === 0) return 1;
  if (n === 1) return a[at]!;
  if (n === 2) return a[at]! * a[at + 3]! - a[at + 1]! * a[at + 2]!;
  const b = a[at + 4]! * a[at + 8]! - a[at + 5]! * a[at + 7]!;
  const c = a[at + 5]! * a[at + 6]! - a[at + 3]! * a[at + 8]!;
  const d = a[at + 3]! * a[at + 7]! - a[at + 4]! * a[at + 6]!;
  return a[at]! * b + a[at + 1]! * c + a[at + 2]! * d;
}

/** The logarithm of the absolute determinant of each matrix, or the sign of the determinant. */
export function logDeterminantArray(a: NdArray, shape: Shape, dtype: DType, part: "log" | "sign"): NdArray {
  const n = a.shape[a.shape.length - 1]!;
  const order = new Int32Array(n);
  return eachMatrix(a, shape, 1, dtype, (lu, out, at) => {
    let sign = factorLu(lu, n, order);
    let log = 0;
    for (let i = 0; i < n; i++) {
      const pivot = lu[i * n + i]!;
      sign *= Math.sign(pivot);
      log += Math.log(Math.abs(pivot));
    }
    out[at] = part === "log" ? log : sign;
  });
}

/** Solves triangular systems for matrices b, batched with broadcasting. */
export function triangularSolveArrays(
  a: NdArray,
  b: NdArray,
  triangle: Triangle,
  shape: Shape,
  dtype: DType,
): NdArray {
  const n = shape[shape.length - 2]!;
  const columns = shape[shape.length - 1]!;
  const out = allocate(dtype, sizeOf(shape));
  const batch = shape.slice(0, -2);
  const aOffsets = batchOffsets(a, batch, n * n);
  const bOffsets = batchOffsets(b, batch, n * columns);
  const matrix = new Float64Array(n * n);
  const x = new Float64Array(n * columns);
  for (let i = 0; i < aOffsets.length; i++) {
    readMatrix(a.data, aOffsets[i]!, matrix);
    if (!triangle.unitDiagonal) {
      checkPivots(triangle.action ?? "solve the triangular system", matrix, n, i, aOffsets.length);
    }
    readMatrix(b.data, bOffsets[i]!, x);
    substitute(matrix, n, x, columns, triangle);
    out.set(x, i * n * columns);
  }
  return new NdArray(out, shape);
}

/** Each matrix with zeros outside its lower (or upper) triangle up to (or from) a diagonal. */
export function triangleArray(a: NdArray, upper: boolean, diagonal: number): NdArray {
  const [rows, columns] = a.shape.slice(-2) as [number, number];
  const out = a.data.slice();
  for (let start = 0; start < out.length; start += rows * columns) {
    for (let i = 0; i < rows; i++) {
      const at = start + i * columns;
      const edge = Math.min(columns, Math.max(0, upper ? i + diagonal : i + diagonal + 1));
      if (upper) out.fill(0, at, at + edge);
      else out.fill(0, at + edge, at + columns);
    }
  }
  return new NdArray(out, a.shape);
}

/** The lower Cholesky factor of the symmetric part of each matrix. */
export function choleskyArray(a: NdArray, dtype: DType): NdArray {
  const n = a.shape[a.shape.length - 1]!;
  const count = sizeOf(a.shape.slice(0, -2));
  return eachMatrix(a, a.shape, n * n, dtype, (m, out, at, index) => {
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        let sum = (m[i * n + j]! + m[j * n + i]!) / 2;
        for (let k = 0, p = i * n, q = j * n; k < j; k++) sum -= m[p++]! * m[q++]!;
        if (i !== j) {
          m[i * n + j] = sum / m[j * n + j]!;
          continue;
        }
        if (!(sum > 0)) {
          throw new RangeError(
            message`Cannot take the Cholesky factor: ${nameMatrix(index, count)} is not
            positive definite, pivot ${i} is ${sum}; add a small multiple of the identity, or check the
            matrix`,
          );
        }
        m[i * n + i] = Math.sqrt(sum);
      }
    }
    for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) out[at + i * n + j] = m[i * n + j]!;
  });
}
