/** Singular values and singular vectors. */
import type { DType } from "../dtype.ts";
import { rotateRows, signOfLargest } from "./eigen.ts";
import { balance, eachMatrix, mergeEqual, transposed } from "./matrices.ts";
import {
  columnsOfIdentity,
  reflectAll,
  reflectColumn,
  reflectColumns,
  type Reflection,
  reflector,
  triangularize,
} from "./reflections.ts";
import { deflate, EPSILON, Rotations, type Turn, turnToAxis } from "./sweeps.ts";
import type { NdArray } from "../nd_array.ts";
import type { Shape } from "../shape.ts";

/** Matrices with this many rows a column are made triangular first (Chan 1982). */
const TALL = 1.5;

/** Singular values, in no order, with the vectors as rows. */
export interface SingularVectors {
  /** Left vectors, `[n, m]`. */
  readonly left: Float64Array;
  /** Singular values; one below 0 stands for its size with one of its vectors turned round. */
  readonly values: Float64Array;
  /** Right vectors, `[n, n]`. */
  readonly right: Float64Array;
}

/**
 * The singular value decomposition of an m by n matrix, m >= n, which is written to: Householder reflections make it
 * bidiagonal, implicit QR sweeps diagonal (Golub and Kahan 1965; with a shift of zero where a value is negligible,
 * Demmel and Kahan 1990).
 *
 * @returns The decomposition, or `undefined` if it was not found
 */
export function decomposeByReflections(a: Float64Array, m: number, n: number): SingularVectors | undefined {
  const found = m < TALL * n ? diagonalize(a, m, n) : diagonalizeTall(a, m, n);
  return found && { ...found, left: transposed(found.left, m, n), right: transposed(found.right, n, n) };
}

/** The decomposition, with vectors as columns, by way of a triangular matrix. */
function diagonalizeTall(a: Float64Array, m: number, n: number): SingularVectors | undefined {
  const reflections = triangularize(a, m, n);
  const inner = diagonalize(a.slice(0, n * n), n, n);
  if (inner === undefined) return undefined;
  const left = new Float64Array(m * n);
  left.set(inner.left);
  reflectAll(left, m, n, reflections);
  return { ...inner, left };
}

/** The decomposition, with vectors as columns. */
function diagonalize(a: Float64Array, m: number, n: number): SingularVectors | undefined {
  const values = new Float64Array(n);
  const above = new Float64Array(n);
  const lefts: Reflection[] = [];
  const rights: Reflection[] = [];
  for (let k = 0; k < n; k++) {
    values[k] = reflectColumn(a, m, n, k, lefts);
    if (k + 1 === n) break;
    const v = a.slice(k * n + k + 1, (k + 1) * n);
    const { tau, first } = reflector(v);
    reflectColumns({ data: a, width: n, top: k + 1, bottom: m, left: k + 1, right: n }, v, tau);
    above[k] = first;
    rights.push({ v, tau, top: k + 1 });
  }
  const left = columnsOfIdentity(m, n);
  const right = columnsOfIdentity(n, n);
  reflectAll(left, m, n, lefts);
  reflectAll(right, n, n, rights);
  return findValues(values, above, left, right) ? { left, values, right } : undefined;
}

/** Makes a bidiagonal matrix diagonal and rotates the columns of the vectors; false if it takes too long. */
function findValues(
  diagonal: Float64Array,
  above: Float64Array,
  left: Float64Array,
  right: Float64Array,
): boolean {
  const lefts = new Rotations(left, diagonal.length);
  const rights = new Rotations(right, diagonal.length);
  let largest = 0;
  for (const numbers of [diagonal, above]) for (const x of numbers) largest = Math.max(largest, Math.abs(x));
  const isFound = deflate(diagonal, above, EPSILON * largest, (first, last) => {
    lefts.begin(first, last);
    rights.begin(first, last);
    const shift = shiftOf(diagonal, above, first, last, EPSILON * largest);
    (shift === 0 ? sweepWithoutShift : sweepWithShift)(diagonal, above, first, last, lefts, rights, shift);
  });
  lefts.finish();
  rights.finish();
  return isFound;
}

/** The shift of the next sweep; 0 where a value is negligible, which such a sweep brings to the end at once. */
function shiftOf(
  diagonal: Float64Array,
  above: Float64Array,
  first: number,
  last: number,
  negligible: number,
): number {
  for (let i = first; i <= last; i++) {
    if (Math.abs(diagonal[i]!) > negligible) continue;
    diagonal[i] = 0;
    return 0;
  }
  const shift = smallerValue(diagonal[last - 1]!, above[last - 1]!, diagonal[last]!);
  return (shift / diagonal[first]!) ** 2 < EPSILON ? 0 : shift;
}

/** The smaller singular value of `[[f, g], [0, h]]`. */
function smallerValue(f: number, g: number, h: number): number {
  const sum = Math.hypot(f + h, g);
  const difference = Math.hypot(f - h, g);
  const larger = (sum + difference) / 2;
  return larger === 0 ? 0 : Math.abs(f * h) / larger;
}

const turn: Turn = { c: 1, s: 0, length: 0 };

/** One implicit QR sweep (Golub and Van Loan, algorithm 8.6.1). */
function sweepWithShift(
  diagonal: Float64Array,
  above: Float64Array,
  first: number,
  last: number,
  lefts: Rotations,
  rights: Rotations,
  shift: number,
): void {
  const start = diagonal[first]!;
  let f = (Math.abs(start) - shift) * (Math.sign(start) + shift / start);
  let g = above[first]!;
  for (let i = first; i < last; i++) {
    turnToAxis(f, g, turn);
    rights.add(turn.c, turn.s);
    if (i > first) above[i - 1] = turn.length;
    f = turn.c * diagonal[i]! + turn.s * above[i]!;
    above[i] = turn.c * above[i]! - turn.s * diagonal[i]!;
    g = turn.s * diagonal[i + 1]!;
    diagonal[i + 1]! *= turn.c;
    turnToAxis(f, g, turn);
    lefts.add(turn.c, turn.s);
    diagonal[i] = turn.length;
    f = turn.c * above[i]! + turn.s * diagonal[i + 1]!;
    diagonal[i + 1] = turn.c * diagonal[i + 1]! - turn.s * above[i]!;
    if (i + 1 < last) {
      g = turn.s * above[i + 1]!;
      above[i + 1]! *= turn.c;
    }
  }
  above[last - 1] = f;
}

/** One sweep with a shift of zero, which loses no digits of small values (Demmel and Kahan 1990). */
function sweepWithoutShift(
  diagonal: Float64Array,
  above: Float64Array,
  first: number,
  last: number,
  lefts: Rotations,
  rights: Rotations,
): void {
  let right = 1, left = 1, sine = 0;
  for (let i = first; i < last; i++) {
    turnToAxis(diagonal[i]! * right, above[i]!, turn);
    rights.add(turn.c, turn.s);
    right = turn.c;
    if (i > first) above[i - 1] = sine * turn.length;
    turnToAxis(left * turn.length, diagonal[i + 1]! * turn.s, turn);
    lefts.add(turn.c, turn.s);
    diagonal[i] = turn.length;
    left = turn.c;
    sine = turn.s;
  }
  const h = diagonal[last]! * right;
  diagonal[last] = h * left;
  above[last - 1] = h * sine;
}

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
