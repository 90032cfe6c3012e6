/** Eigenvalues and eigenvectors of symmetric matrices. */
import type { DType } from "../dtype.ts";
import { balance, eachMatrix, mergeEqual, transposed } from "./matrices.ts";
import { columnsOfIdentity, reflector, reflectRows } from "./reflections.ts";
import { deflate, Rotations, type Turn, turnToAxis } from "./sweeps.ts";
import type { NdArray } from "../nd_array.ts";
import type { Shape } from "../shape.ts";

/** What a symmetric matrix is made of. */
export interface Spectrum {
  /** Eigenvalues, in no order. */
  readonly values: Float64Array;
  /** The eigenvectors as rows. */
  readonly vectors: Float64Array;
}

/**
 * Eigenvalues and eigenvectors of a symmetric matrix, which is written to: Householder reflections make it
 * tridiagonal, implicit QR sweeps with Wilkinson's shift diagonal (Golub and Van Loan, algorithms 8.3.1 to 8.3.3).
 *
 * @param s The matrix, n by n; only its lower triangle is read
 * @returns `undefined` if they were not found
 */
export function diagonalizeByReflections(s: Float64Array, n: number): Spectrum | undefined {
  const values = new Float64Array(n);
  const beside = new Float64Array(n);
  const vectors = tridiagonalize(s, n, values, beside);
  return findValues(values, beside, vectors) ? { values, vectors: transposed(vectors, n, n) } : undefined;
}

/** Makes a matrix tridiagonal: its two diagonals, and the orthogonal matrix that did it. */
function tridiagonalize(
  s: Float64Array,
  n: number,
  diagonal: Float64Array,
  beside: Float64Array,
): Float64Array {
  const vectors: Float64Array[] = [];
  const taus: number[] = [];
  // From the last row upwards, so that what is left is a triangle whose rows are read from their beginning.
  for (let k = n - 1; k > 0; k--) {
    diagonal[k] = s[k * n + k]!;
    // The vector is reversed: its first element is the one beside the diagonal.
    const v = s.slice(k * n, k * n + k).reverse();
    const { tau, first } = reflector(v);
    v.reverse();
    beside[k - 1] = first;
    vectors.push(v);
    taus.push(tau);
    if (tau !== 0) reflectBoth(s, n, v, tau);
  }
  if (n > 0) diagonal[0] = s[0]!;
  const q = columnsOfIdentity(n, n);
  for (let k = 1; k < n; k++) {
    const v = vectors[n - 1 - k]!;
    reflectRows({ data: q, width: n, top: 0, bottom: k, left: 0, right: k }, v, taus[n - 1 - k]!);
  }
  return q;
}

/** Reflects rows and columns of the first `v.length` ones of a symmetric matrix, of which the lower triangle is kept. */
function reflectBoth(s: Float64Array, n: number, v: Float64Array, tau: number): void {
  const { length } = v;
  const w = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    const row = i * n, x = v[i]!;
    let sum = s[row + i]! * x;
    for (let j = 0; j < i; j++) {
      const element = s[row + j]!;
      sum += element * v[j]!;
      w[j]! += element * x;
    }
    w[i]! += sum;
  }
  let dot = 0;
  for (let i = 0; i < length; i++) dot += w[i]! * v[i]!;
  for (let i = 0; i < length; i++) w[i] = tau * (w[i]! - tau * dot / 2 * v[i]!);
  for (let i = 0; i < length; i++) {
    const row = i * n, x = v[i]!, y = w[i]!;
    for (let j = 0; j <= i; j++) s[row + j]! -= x * w[j]! + y * v[j]!;
  }
}

/** Makes a tridiagonal matrix diagonal and rotates the columns of `vectors` with it; false if it takes too long. */
function findValues(diagonal: Float64Array, beside: Float64Array, vectors: Float64Array): boolean {
  const rotations = new Rotations(vectors, diagonal.length);
  const isFound = deflate(
    diagonal,
    beside,
    0,
    (first, last) => sweep(diagonal, beside, first, last, rotations),
  );
  rotations.finish();
  return isFound;
}

const turn: Turn = { c: 1, s: 0, length: 0 };

/** One implicit QR step, from `first` to `last`. */
function sweep(
  diagonal: Float64Array,
  beside: Float64Array,
  first: number,
  last: number,
  rotations: Rotations,
): void {
  rotations.begin(first, last);
  let x = diagonal[first]! - shiftOf(diagonal[last - 1]!, beside[last - 1]!, diagonal[last]!);
  let z = beside[first]!;
  for (let k = first; k < last; k++) {
    turnToAxis(x, z, turn);
    const { c, s } = turn;
    if (k > first) beside[k - 1] = turn.length;
    const b = beside[k]!;
    const q = (diagonal[k + 1]! - diagonal[k]!) * s + 2 * c * b;
    diagonal[k]! += s * q;
    diagonal[k + 1]! -= s * q;
    x = beside[k] = c * q - b;
    if (k + 1 < last) {
      z = s * beside[k + 1]!;
      beside[k + 1]! *= c;
    }
    rotations.add(c, s);
  }
}

/** The eigenvalue of `[[a, b], [b, c]]` that is closer to c. */
function shiftOf(a: number, b: number, c: number): number {
  const half = (a - c) / 2;
  return c - b * b / (half + (half < 0 ? -1 : 1) * Math.hypot(half, b));
}

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
