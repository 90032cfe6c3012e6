import { deflate, EPSILON } from "./deflation.ts";
import { transposed } from "./matrices.ts";
import {
  columnsOfIdentity,
  reflectAll,
  reflectColumn,
  reflectColumns,
  type Reflection,
  reflector,
  triangularize,
} from "./reflections.ts";
import { Rotations, type Turn, turnToAxis } from "./rotations.ts";

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
