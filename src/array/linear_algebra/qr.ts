import type { DType } from "../dtype.ts";
import { eachMatrix } from "./matrices.ts";
import type { NdArray } from "../nd_array.ts";
import type { Shape } from "../shape.ts";

/**
 * Q over R of each matrix with at least as many rows as columns, by Householder reflections (Golub and Van
 * Loan, algorithm 5.2.1); the diagonal of R is not negative.
 *
 * @param shape `[...batch, rows + columns, columns]`
 */
export function qrArray(a: NdArray, shape: Shape, dtype: DType): NdArray {
  const [m, n] = a.shape.slice(-2) as [number, number];
  const scales = new Float64Array(n);
  const q = new Float64Array(m * n);
  return eachMatrix(a, shape, (m + n) * n, dtype, (r, out, at) => {
    reflectColumns(r, m, n, scales);
    // Q is what the reflections make of the first columns of the identity.
    q.fill(0);
    for (let j = 0; j < n; j++) q[j * n + j] = 1;
    for (let k = n - 1; k >= 0; k--) reflect(r, n, k, m, scales[k]!, q, n, k);
    const top = m * n;
    for (let k = 0; k < n; k++) {
      const sign = diagonalOf(r, n, k, scales[k]!) < 0 ? -1 : 1;
      for (let i = 0; i < m; i++) out[at + i * n + k] = sign * q[i * n + k]!;
      out[at + top + k * n + k] = sign * diagonalOf(r, n, k, scales[k]!);
      for (let j = k + 1; j < n; j++) out[at + top + k * n + j] = sign * r[k * n + j]!;
    }
  });
}

/**
 * Replaces each column, from the diagonal down, by the vector of its reflection, with which the columns to
 * the right are reflected. `scales[k]` is the diagonal element that the reflection makes, 0 for none.
 */
function reflectColumns(r: Float64Array, m: number, n: number, scales: Float64Array): void {
  for (let k = 0; k < n; k++) {
    let largest = 0;
    for (let i = k; i < m; i++) largest = Math.max(largest, Math.abs(r[i * n + k]!));
    scales[k] = 0;
    if (largest === 0) continue;
    let norm = 0;
    for (let i = k; i < m; i++) norm += (r[i * n + k]! / largest) ** 2;
    norm = largest * Math.sqrt(norm);
    scales[k] = r[k * n + k]! > 0 ? -norm : norm;
    r[k * n + k]! -= scales[k]!;
    // The vector is scaled to a first element of 1 in size, so that its square can't overflow.
    const first = r[k * n + k]!;
    for (let i = k; i < m; i++) r[i * n + k]! /= first;
    reflect(r, n, k, m, scales[k]!, r, n, k + 1);
  }
}

/** Reflects the columns of b from `first` on, with the vector in column k of r. */
function reflect(
  r: Float64Array,
  n: number,
  k: number,
  m: number,
  scale: number,
  b: Float64Array,
  columns: number,
  first: number,
): void {
  if (scale === 0) return;
  let square = 0;
  for (let i = k; i < m; i++) square += r[i * n + k]! ** 2;
  for (let j = first; j < columns; j++) {
    let dot = 0;
    for (let i = k; i < m; i++) dot += r[i * n + k]! * b[i * columns + j]!;
    dot *= 2 / square;
    for (let i = k; i < m; i++) b[i * columns + j]! -= dot * r[i * n + k]!;
  }
}

/** The diagonal element that column k has after its reflection; a zero column has none and stays. */
function diagonalOf(r: Float64Array, n: number, k: number, scale: number): number {
  return scale === 0 ? r[k * n + k]! : scale;
}
