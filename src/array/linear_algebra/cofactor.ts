import { allocate, type DType } from "../dtype.ts";
import { factoredDeterminant, factorLu, solveFactored } from "./triangular.ts";
import { readMatrix, transposed } from "./matrices.ts";
import { NdArray } from "../nd_array.ts";
import { type Shape, sizeOf } from "../shape.ts";
import { decompose } from "./svd.ts";

/** Pivots that differ by more than this leave too few digits in an inverse. */
const WELL_CONDITIONED = 1e-4;

/**
 * The derivative of the cofactor matrix of `a` in the directions `v`, one after the other; without any, the
 * cofactor matrix itself, which is the gradient of the determinant. Right for singular matrices too.
 */
export function cofactorArrays(a: NdArray, v: readonly NdArray[], shape: Shape, dtype: DType): NdArray {
  const n = shape[shape.length - 1]!;
  const size = n * n;
  const out = allocate(dtype, sizeOf(shape));
  const work = new Float64Array(size);
  const directions = v.map(() => new Float64Array(size));
  for (let at = 0; at < out.length; at += size) {
    readMatrix(a.data, at, work);
    v.forEach((direction, i) => readMatrix(direction.data, at, directions[i]!));
    out.set(cofactorDerivative(work, directions, n), at);
  }
  return new NdArray(out, shape);
}

function cofactorDerivative(a: Float64Array, v: readonly Float64Array[], n: number): Float64Array {
  if (v.length >= n) return new Float64Array(n * n);
  if (v.length === 0 && n <= 3) return smallCofactor(a, n);
  if (!a.every(Number.isFinite)) return new Float64Array(n * n).fill(NaN);
  return (v.length === 0 ? cofactorFromLu(a, n) : null) ?? cofactorFromSvd(a, v, n);
}

function smallCofactor(a: Float64Array, n: number): Float64Array {
  if (n === 1) return Float64Array.of(1);
  const [a0, a1, a2, a3, a4, a5, a6, a7, a8] = a as unknown as number[];
  if (n === 2) return Float64Array.of(a3!, -a2!, -a1!, a0!);
  return Float64Array.of(
    a4! * a8! - a5! * a7!,
    a5! * a6! - a3! * a8!,
    a3! * a7! - a4! * a6!,
    a2! * a7! - a1! * a8!,
    a0! * a8! - a2! * a6!,
    a1! * a6! - a0! * a7!,
    a1! * a5! - a2! * a4!,
    a2! * a3! - a0! * a5!,
    a0! * a4! - a1! * a3!,
  );
}

/** The determinant times the transposed inverse; null where that would not be accurate. */
function cofactorFromLu(a: Float64Array, n: number): Float64Array | null {
  const lu = a.slice();
  const order = new Int32Array(n);
  const sign = factorLu(lu, n, order);
  let smallest = Infinity, largest = 0;
  for (let i = 0; i < n; i++) {
    const pivot = Math.abs(lu[i * n + i]!);
    smallest = Math.min(smallest, pivot);
    largest = Math.max(largest, pivot);
  }
  const determinant = factoredDeterminant(lu, n, sign);
  if (!(smallest > WELL_CONDITIONED * largest) || determinant === 0) return null;
  const x = new Float64Array(n * n);
  for (let i = 0; i < n; i++) x[i * n + i] = determinant;
  solveFactored(lu, n, order, x, n, true);
  return x;
}

/**
 * Cofactors are multiplicative, so with `a = U S V^T` it is enough to know those of a diagonal matrix:
 * they are products of singular values, without a division.
 */
function cofactorFromSvd(a: Float64Array, v: readonly Float64Array[], n: number): Float64Array {
  const { left, values, right } = decompose(transposed(a, n, n), n, n);
  const turned = v.map((m) => product(product(left, m, n), transposed(right, n, n), n));
  const inner = new Float64Array(n * n);
  const size = v.length + 1;
  const subset = new Int32Array(size);
  const visit = (count: number, from: number): void => {
    if (count === size) {
      let rest = 1;
      for (let i = 0, next = 0; i < n; i++) {
        if (next < size && subset[next] === i) next++;
        else rest *= values[i]!;
      }
      addMixed(inner, turned, subset, n, rest);
      return;
    }
    for (let i = from; i < n; i++) {
      subset[count] = i;
      visit(count + 1, i + 1);
    }
  };
  visit(0, 0);
  const sign = signOfRotation(left, n) * signOfRotation(right, n);
  const out = product(product(transposed(left, n, n), inner, n), right, n);
  for (let i = 0; i < out.length; i++) out[i]! *= sign;
  return out;
}

/**
 * Adds the gradient of the mixed discriminant of the directions and one free matrix, restricted to the rows
 * and columns of a subset: the signed sum over all ways to give each row a column and a matrix.
 */
function addMixed(
  out: Float64Array,
  v: readonly Float64Array[],
  subset: Int32Array,
  n: number,
  factor: number,
): void {
  const size = subset.length;
  const visit = (row: number, columns: number, used: number, term: number, at: number): void => {
    if (row === size) {
      out[at]! += term;
      return;
    }
    for (let c = 0, sign = 1; c < size; c++) {
      if ((columns >> c & 1) !== 0) continue;
      const cell = subset[row]! * n + subset[c]!;
      // Each free column passed over on the left is an exchange.
      if (at < 0) visit(row + 1, columns | 1 << c, used, sign * term, cell);
      for (let m = 0; m < v.length; m++) {
        if ((used >> m & 1) === 0) {
          visit(row + 1, columns | 1 << c, used | 1 << m, sign * term * v[m]![cell]!, at);
        }
      }
      sign = -sign;
    }
  };
  visit(0, 0, 0, factor, -1);
}

function product(a: Float64Array, b: Float64Array, n: number): Float64Array {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      const factor = a[i * n + k]!;
      for (let j = 0; j < n; j++) out[i * n + j]! += factor * b[k * n + j]!;
    }
  }
  return out;
}

/** Whether an orthogonal matrix turns (1) or also reflects (-1). */
function signOfRotation(a: Float64Array, n: number): number {
  const lu = a.slice();
  return Math.sign(factoredDeterminant(lu, n, factorLu(lu, n, new Int32Array(n))));
}
