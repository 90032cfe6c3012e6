import type { DType } from "../dtype.ts";
import { balance, eachMatrix, mergeEqual } from "./matrices.ts";
import { columnsOfIdentity } from "./reflections.ts";
import type { NdArray } from "../nd_array.ts";
import type { Shape } from "../shape.ts";
import { diagonalizeByReflections, type Spectrum } from "./tridiagonal.ts";

const SWEEPS = 60;
/** The rows up to which rotations of the whole matrix are as fast as making it tridiagonal first. */
const SMALL = 12;

/**
 * Eigenvalues, ascending, over the matrix of eigenvectors of the symmetric part of each matrix: small ones by cyclic
 * Jacobi rotations (Golub and Van Loan, section 8.5), others by way of a tridiagonal matrix. The largest element of
 * each vector is positive. A matrix with NaN or an infinity gives NaN.
 *
 * @param shape `[...batch, n + 1, n]`
 */
export function eighArray(a: NdArray, shape: Shape, dtype: DType): NdArray {
  const n = a.shape[a.shape.length - 1]!;
  return eachMatrix(a, shape, (n + 1) * n, dtype, (s, out, at) => {
    if (!s.every(Number.isFinite)) return void out.fill(NaN, at, at + (n + 1) * n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < i; j++) s[i * n + j] = s[j * n + i] = (s[i * n + j]! + s[j * n + i]!) / 2;
    }
    const factor = balance(s);
    const found = (n > SMALL ? diagonalizeByReflections(s.slice(), n) : undefined) ?? diagonalize(s, n);
    const order = Int32Array.from({ length: n }, (_, i) => i).sort((i, j) =>
      found.values[i]! - found.values[j]!
    );
    const values = Float64Array.from(order, (j) => factor * found.values[j]!);
    if (dtype === "float32") mergeEqual(values);
    for (let j = 0; j < n; j++) {
      const row = order[j]! * n;
      const sign = signOfLargest(found.vectors, row, n);
      out[at + j] = values[j]!;
      for (let i = 0; i < n; i++) out[at + (i + 1) * n + j] = sign * found.vectors[row + i]!;
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

/** Rotates a symmetric matrix, which is written to, into a diagonal one. */
function diagonalize(s: Float64Array, n: number): Spectrum {
  const vectors = columnsOfIdentity(n, n);
  let square = 0;
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
  return { values: Float64Array.from({ length: n }, (_, i) => s[i * n + i]!), vectors };
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
