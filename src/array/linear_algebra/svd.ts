import type { DType } from "../dtype.ts";
import { decomposeByReflections, type SingularVectors } from "./bidiagonal.ts";
import { rotateRows, signOfLargest } from "./eigen.ts";
import { balance, eachMatrix, mergeEqual, transposed } from "./matrices.ts";
import { columnsOfIdentity } from "./reflections.ts";
import type { NdArray } from "../nd_array.ts";
import type { Shape } from "../shape.ts";

const SWEEPS = 60;
/** The columns up to which rotations of the columns are as fast as making the matrix bidiagonal first. */
const SMALL = 12;

/**
 * The decomposition of an m by n matrix, m >= n, given by its columns one after another (they are written to): small
 * ones by rotations of their columns, others by way of a bidiagonal matrix. The largest element of each right vector
 * is positive, and values descend. A matrix with NaN or an infinity gives NaN.
 */
export function decompose(columns: Float64Array, m: number, n: number): SingularVectors {
  if (!columns.every(Number.isFinite)) {
    const [left, values, right] = [n * m, n, n * n].map((size) => new Float64Array(size).fill(NaN));
    return { left: left!, values: values!, right: right! };
  }
  const factor = balance(columns);
  const found = (n > SMALL ? decomposeByReflections(transposed(columns, n, m), m, n) : undefined) ??
    decomposeByRotations(columns, m, n);
  const order = Array.from({ length: n }, (_, j) => j)
    .sort((i, j) => Math.abs(found.values[j]!) - Math.abs(found.values[i]!));
  const result = {
    left: new Float64Array(n * m),
    values: Float64Array.from(order, (j) => factor * Math.abs(found.values[j]!)),
    right: new Float64Array(n * n),
  };
  order.forEach((from, j) => {
    const sign = signOfLargest(found.right, from * n, n);
    const signOfLeft = found.values[from]! < 0 ? -sign : sign;
    for (let i = 0; i < n; i++) result.right[j * n + i] = sign * found.right[from * n + i]!;
    for (let i = 0; i < m; i++) result.left[j * m + i] = signOfLeft * found.left[from * m + i]!;
  });
  return result;
}

/** The decomposition by one-sided Jacobi rotations (Hestenes 1958; Demmel and Veselic 1992). */
function decomposeByRotations(columns: Float64Array, m: number, n: number): SingularVectors {
  const right = columnsOfIdentity(n, n);
  orthogonalize(columns, m, n, right);
  const values = Float64Array.from({ length: n }, (_, j) => norm(columns, j * m, m));
  const negligible = 1e-15 * values.reduce((a, b) => Math.max(a, b), 0);
  const left = new Float64Array(n * m);
  values.forEach((length, j) => {
    if (length <= negligible) return;
    for (let i = 0; i < m; i++) left[j * m + i] = columns[j * m + i]! / length;
  });
  // The vectors of zeros are any that are orthogonal to all others.
  values.forEach((length, j) => length <= negligible && complete(left, m, n, j));
  return { left, values, right };
}

/** Rotates pairs of columns until each is orthogonal to all others. */
function orthogonalize(columns: Float64Array, m: number, n: number, right: Float64Array): void {
  let total = 0;
  for (let i = 0; i < columns.length; i++) total += columns[i]! ** 2;
  const negligible = 1e-36 * total;
  for (let sweep = 0, rotated = true; rotated && sweep < SWEEPS; sweep++) {
    rotated = false;
    for (let p = 0; p < n - 1; p++) {
      for (let q = p + 1; q < n; q++) {
        let a = 0, b = 0, dot = 0;
        for (let k = 0, i = p * m, j = q * m; k < m; k++, i++, j++) {
          const x = columns[i]!;
          const y = columns[j]!;
          a += x * x;
          b += y * y;
          dot += x * y;
        }
        if (Math.min(a, b) <= negligible || Math.abs(dot) <= 1e-16 * Math.sqrt(a * b)) continue;
        const tau = (b - a) / (2 * dot);
        const t = (tau < 0 ? -1 : 1) / (Math.abs(tau) + Math.hypot(1, tau));
        // Angles that no longer change a column are rounding.
        if (Math.abs(dot) > 4e-16 * Math.sqrt(a * b)) rotated = true;
        const c = 1 / Math.hypot(1, t);
        rotateRows(columns, m, p, q, c, t * c);
        rotateRows(right, n, p, q, c, t * c);
      }
    }
  }
}

/** Makes row j, of n, a unit vector orthogonal to all other rows, of which some may still be 0. */
function complete(rows: Float64Array, m: number, n: number, j: number): void {
  for (let axis = 0; axis < m; axis++) {
    rows.fill(0, j * m, (j + 1) * m);
    rows[j * m + axis] = 1;
    // Twice is enough (Kahan and Parlett).
    for (let pass = 0; pass < 2; pass++) {
      for (let i = 0; i < n; i++) {
        if (i === j) continue;
        let dot = 0;
        for (let k = 0; k < m; k++) dot += rows[i * m + k]! * rows[j * m + k]!;
        for (let k = 0; k < m; k++) rows[j * m + k]! -= dot * rows[i * m + k]!;
      }
    }
    const length = norm(rows, j * m, m);
    if (length < 0.5 / Math.sqrt(m)) continue;
    for (let k = 0; k < m; k++) rows[j * m + k]! /= length;
    return;
  }
}

/** The length of a vector, without overflow. */
function norm(data: Float64Array, start: number, count: number): number {
  let largest = 0;
  for (let i = start; i < start + count; i++) largest = Math.max(largest, Math.abs(data[i]!));
  if (largest === 0 || !Number.isFinite(largest)) return largest;
  let sum = 0;
  for (let i = start; i < start + count; i++) sum += (data[i]! / largest) ** 2;
  return largest * Math.sqrt(sum);
}

/**
 * Left vectors, singular values and right vectors of each matrix with at least as many rows as columns, one
 * over the other.
 *
 * @param shape `[...batch, rows + 1 + columns, columns]`
 */
export function svdArray(a: NdArray, shape: Shape, dtype: DType): NdArray {
  const [m, n] = a.shape.slice(-2) as [number, number];
  return eachMatrix(a, shape, (m + 1 + n) * n, dtype, (work, out, at) => {
    const { left, values, right } = decompose(transposed(work, m, n), m, n);
    if (dtype === "float32") mergeEqual(values);
    out.set(transposed(left, n, m), at);
    out.set(values, at + m * n);
    out.set(transposed(right, n, n), at + (m + 1) * n);
  });
}

/** The Moore-Penrose inverse of each matrix; values up to `tolerance` times the largest count as 0. */
export function pseudoInverseArray(a: NdArray, tolerance: number, shape: Shape, dtype: DType): NdArray {
  const [rows, columns] = a.shape.slice(-2) as [number, number];
  const wide = rows < columns;
  const m = Math.max(rows, columns);
  const n = Math.min(rows, columns);
  return eachMatrix(a, shape, m * n, dtype, (work, out, at) => {
    const { left, values, right } = decompose(wide ? work.slice() : transposed(work, m, n), m, n);
    for (let k = 0; k < n; k++) {
      if (values[k]! <= tolerance * values[0]!) continue;
      for (let i = 0; i < n; i++) {
        const factor = right[k * n + i]! / values[k]!;
        for (let j = 0; j < m; j++) out[at + (wide ? j * n + i : i * m + j)]! += factor * left[k * m + j]!;
      }
    }
  });
}
