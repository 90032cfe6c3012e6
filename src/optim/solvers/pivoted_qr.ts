import { norm, scaled } from "./vectors.ts";

/** The triangular part of `A P = Q R`, and what goes with it to solve least-squares problems. */
export interface QR {
  /** R, of shape `[n, n]`, row after row; zeros below the diagonal. */
  readonly r: Float64Array;
  /** Which column of A stands at each place. */
  readonly pivots: readonly number[];
  /** The first n numbers of `Q^T b`. */
  readonly qtb: Float64Array;
}

/**
 * QR factorisation by Householder reflections, the longest remaining column first (Businger and Golub 1965).
 *
 * @param columns The columns of A, no longer than there are rows; overwritten
 * @param b The right-hand side; overwritten
 */
export function factorize(columns: Float64Array[], b: Float64Array): QR {
  const n = columns.length;
  const r = new Float64Array(n * n);
  const pivots = columns.map((_, k) => k);
  for (let k = 0; k < n; k++) {
    const lengths = columns.map((column, j) => j < k ? -1 : norm(column.subarray(k)));
    const best = lengths.indexOf(Math.max(...lengths));
    swap(columns, k, best);
    swap(pivots, k, best);
    for (let i = 0; i < k; i++) {
      const kept = r[i * n + k]!;
      r[i * n + k] = r[i * n + best]!;
      r[i * n + best] = kept;
    }
    const v = columns[k]!.subarray(k);
    const length = v[0]! > 0 ? -lengths[best]! : lengths[best]!;
    r[k * n + k] = length;
    if (length === 0) continue;
    // v = x - |x| e, scaled so that the reflection is 1 - v v^T / v[0].
    for (let i = 0; i < v.length; i++) v[i]! /= -length;
    v[0]! += 1;
    for (let j = k + 1; j < n; j++) {
      reflect(v, columns[j]!.subarray(k));
      r[k * n + j] = columns[j]![k]!;
    }
    reflect(v, b.subarray(k));
  }
  return { r, pivots, qtb: b.slice(0, n) };
}

function swap<T>(list: T[], i: number, j: number): void {
  [list[i], list[j]] = [list[j]!, list[i]!];
}

/** `y -= v (v . y) / v[0]`. */
function reflect(v: Float64Array, y: Float64Array): void {
  let sum = 0;
  for (let i = 0; i < v.length; i++) sum += v[i]! * y[i]!;
  const factor = sum / v[0]!;
  for (let i = 0; i < v.length; i++) y[i]! -= factor * v[i]!;
}

/**
 * Solves `R x = b` from below; unknowns from the first zero on the diagonal on are set to 0.
 *
 * @param r Shape `[n, n]`
 */
export function solveUpper(r: Float64Array, b: Float64Array): Float64Array {
  const n = b.length;
  const x = b.slice();
  let rank = 0;
  while (rank < n && r[rank * n + rank] !== 0) rank++;
  x.fill(0, rank);
  for (let i = rank - 1; i >= 0; i--) {
    let sum = x[i]!;
    for (let j = i + 1; j < rank; j++) sum -= r[i * n + j]! * x[j]!;
    x[i] = sum / r[i * n + i]!;
  }
  return x;
}

/** Solves `R^T x = b` from above; R must be regular. */
export function solveLower(r: Float64Array, b: Float64Array): Float64Array {
  const n = b.length;
  const x = b.slice();
  for (let i = 0; i < n; i++) {
    let sum = x[i]!;
    for (let j = 0; j < i; j++) sum -= r[j * n + i]! * x[j]!;
    x[i] = sum / r[i * n + i]!;
  }
  return x;
}

/**
 * Adds the rows `diag(d)` below R and makes the whole triangular again by Givens rotations.
 *
 * @param d In the order of the places
 * @returns The new R, and the right-hand side rotated along
 */
export function appendDiagonal(
  { r, qtb }: QR,
  d: Float64Array,
): { readonly r: Float64Array; readonly qtb: Float64Array } {
  const n = d.length;
  const s = r.slice();
  const b = qtb.slice();
  for (let j = 0; j < n; j++) {
    const row = new Float64Array(n);
    row[j] = d[j]!;
    let last = 0;
    for (let k = j; k < n; k++) {
      if (row[k] === 0) continue;
      const length = Math.hypot(s[k * n + k]!, row[k]!);
      const cosine = s[k * n + k]! / length;
      const sine = row[k]! / length;
      for (let i = k; i < n; i++) {
        const upper = s[k * n + i]!;
        s[k * n + i] = cosine * upper + sine * row[i]!;
        row[i] = cosine * row[i]! - sine * upper;
      }
      const upper = b[k]!;
      b[k] = cosine * upper + sine * last;
      last = cosine * last - sine * upper;
    }
  }
  return { r: s, qtb: b };
}

/**
 * `(A^T A)^-1`, row after row, of shape `[n, n]`.
 *
 * @param columns The columns of A; n of them
 * @returns undefined if A has not full rank, to rounding, when its columns are scaled to the same length
 */
export function inverseOfNormal(columns: readonly Float64Array[]): Float64Array | undefined {
  const n = columns.length;
  const lengths = columns.map(norm);
  if (lengths.includes(0)) return undefined;
  const even = columns.map((column, j) => scaled(1 / lengths[j]!, column));
  const { r, pivots } = factorize(even, new Float64Array(even[0]!.length));
  // The diagonal falls, so that its last number is the least.
  if (Math.abs(r[n * n - 1]!) <= n * Number.EPSILON) return undefined;
  const inverse = new Float64Array(n * n);
  for (let k = 0; k < n; k++) {
    const unit = new Float64Array(n);
    unit[k] = 1;
    const column = solveUpper(r, solveLower(r, unit));
    const to = pivots[k]!;
    pivots.forEach((from, i) => inverse[from * n + to] = column[i]! / lengths[from]! / lengths[to]!);
  }
  return inverse;
}
