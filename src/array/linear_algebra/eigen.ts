import type { DType } from "../dtype.ts";
import { balance, eachMatrix, mergeEqual } from "./matrices.ts";
import type { NdArray } from "../nd_array.ts";
import type { Shape } from "../shape.ts";

const SWEEPS = 60;

/**
 * Eigenvalues, ascending, over the matrix of eigenvectors of the symmetric part of each matrix, by cyclic
 * Jacobi rotations (Golub and Van Loan, section 8.5). The largest element of each vector is positive.
 *
 * @param shape `[...batch, n + 1, n]`
 */
export function eighArray(a: NdArray, shape: Shape, dtype: DType): NdArray {
  const n = a.shape[a.shape.length - 1]!;
  const vectors = new Float64Array(n * n);
  const order = new Int32Array(n);
  return eachMatrix(a, shape, (n + 1) * n, dtype, (s, out, at) => {
    for (let i = 0; i < n; i++) {
      order[i] = i;
      for (let j = 0; j < i; j++) s[i * n + j] = s[j * n + i] = (s[i * n + j]! + s[j * n + i]!) / 2;
    }
    const factor = balance(s);
    diagonalize(s, n, vectors);
    order.sort((i, j) => s[i * n + i]! - s[j * n + j]!);
    const values = Float64Array.from(order, (j) => factor * s[j * n + j]!);
    if (dtype === "float32") mergeEqual(values);
    for (let j = 0; j < n; j++) {
      const row = order[j]! * n;
      const sign = signOfLargest(vectors, row, n);
      out[at + j] = values[j]!;
      for (let i = 0; i < n; i++) out[at + (i + 1) * n + j] = sign * vectors[row + i]!;
    }
  });
}

/** The sign of the element that is largest in size, the first one of equals. */
export function signOfLargest(data: Float64Array, start: number, count: number): number {
  let largest = 0;
  for (let i = start; i < start + count; i++) {
    // Elements that differ only by rounding count as equal.
    if (Math.abs(data[i]!) > Math.abs(largest) * (1 + 1e-9)) largest = data[i]!;
  }
  return largest < 0 ? -1 : 1;
}

/** Rotates a symmetric matrix into a diagonal one; row i of `vectors` is the vector of its element i. */
function diagonalize(s: Float64Array, n: number, vectors: Float64Array): void {
  vectors.fill(0);
  let square = 0;
  for (let i = 0; i < n; i++) vectors[i * n + i] = 1;
  for (let i = 0; i < s.length; i++) square += s[i]! ** 2;
  const negligible = 1e-17 * Math.sqrt(square);
  for (let sweep = 0, rotated = true; rotated && sweep < SWEEPS; sweep++) {
    rotated = false;
    for (let p = 0; p < n - 1; p++) {
      for (let q = p + 1; q < n; q++) {
        const off = s[p * n + q]!;
        if (Math.abs(off) <= negligible) continue;
        rotated = true;
        const tau = (s[q * n + q]! - s[p * n + p]!) / (2 * off);
        const t = (tau < 0 ? -1 : 1) / (Math.abs(tau) + Math.hypot(1, tau));
        const c = 1 / Math.hypot(1, t);
        rotateBoth(s, n, p, q, c, t * c, t * off);
        rotateRows(vectors, n, p, q, c, t * c);
      }
    }
  }
}

/** Rotates rows and columns p and q of a symmetric matrix; `shift` is what moves between the diagonals. */
function rotateBoth(
  s: Float64Array,
  n: number,
  p: number,
  q: number,
  c: number,
  sine: number,
  shift: number,
): void {
  for (let k = 0; k < n; k++) {
    if (k === p || k === q) continue;
    const a = s[p * n + k]!;
    const b = s[q * n + k]!;
    s[p * n + k] = s[k * n + p] = c * a - sine * b;
    s[q * n + k] = s[k * n + q] = sine * a + c * b;
  }
  s[p * n + p]! -= shift;
  s[q * n + q]! += shift;
  s[p * n + q] = s[q * n + p] = 0;
}

/** Rotates rows p and q of `n` numbers. */
export function rotateRows(
  rows: Float64Array,
  n: number,
  p: number,
  q: number,
  c: number,
  sine: number,
): void {
  for (let i = p * n, j = q * n, end = i + n; i < end; i++, j++) {
    const a = rows[i]!;
    const b = rows[j]!;
    rows[i] = c * a - sine * b;
    rows[j] = sine * a + c * b;
  }
}
