import type { DType } from "../dtype.ts";
import { factorLu, solveFactored } from "./triangular.ts";
import { matmulArrays } from "./matmul.ts";
import { eachMatrix } from "./matrices.ts";
import { NdArray } from "../nd_array.ts";

/** Coefficients of the Pade approximant of degree 13. */
export const PADE: readonly number[] = [
  64764752532480000,
  32382376266240000,
  7771770303897600,
  1187353796428800,
  129060195264000,
  10559470521600,
  670442572800,
  33522128640,
  1323241920,
  40840800,
  960960,
  16380,
  182,
  1,
];

/** The largest 1-norm for which that approximant is exact to rounding. */
export const RADIUS = 5.371920351148152;

/**
 * The exponential of each matrix: a Pade approximant of the matrix divided by a power of two, squared as many
 * times. Higham, "The scaling and squaring method for the matrix exponential revisited", 2005.
 */
export function matrixExpArray(a: NdArray, dtype: DType): NdArray {
  const n = a.shape[a.shape.length - 1]!;
  return eachMatrix(a, a.shape, n * n, dtype, (work, out, at) => out.set(exponential(work, n), at));
}

function exponential(a: Float64Array, n: number): Float64Array {
  const norm = oneNorm(a, n);
  if (!Number.isFinite(norm)) return a.fill(NaN);
  const squarings = norm > RADIUS ? Math.ceil(Math.log2(norm / RADIUS)) : 0;
  const scale = 2 ** -squarings;
  for (let i = 0; i < a.length; i++) a[i]! *= scale;
  let result = approximant(a, n);
  for (let i = 0; i < squarings; i++) result = product(result, result, n);
  return result;
}

/** `(V - U)^-1 (V + U)` with the odd part U and the even part V of the polynomial. */
function approximant(a: Float64Array, n: number): Float64Array {
  const a2 = product(a, a, n);
  const a4 = product(a2, a2, n);
  const a6 = product(a4, a2, n);
  const polynomial = (parity: 0 | 1): Float64Array => {
    const b = (k: number): number => PADE[2 * k + parity]!;
    const high = new Float64Array(n * n);
    for (let i = 0; i < high.length; i++) high[i] = b(6) * a6[i]! + b(5) * a4[i]! + b(4) * a2[i]!;
    const sum = product(a6, high, n);
    for (let i = 0; i < sum.length; i++) sum[i]! += b(3) * a6[i]! + b(2) * a4[i]! + b(1) * a2[i]!;
    for (let i = 0; i < n; i++) sum[i * n + i]! += b(0);
    return sum;
  };
  const u = product(a, polynomial(1), n);
  const v = polynomial(0);
  const difference = v.map((x, i) => x - u[i]!);
  for (let i = 0; i < v.length; i++) v[i]! += u[i]!;
  const order = new Int32Array(n);
  factorLu(difference, n, order);
  solveFactored(difference, n, order, v, n, false);
  return v;
}

function product(x: Float64Array, y: Float64Array, n: number): Float64Array {
  const transposes = { transposeX: false, transposeY: false };
  const shape = [n, n];
  return matmulArrays(new NdArray(x, shape), new NdArray(y, shape), transposes, shape, "float64")
    .data as Float64Array;
}

/** The largest sum of sizes in a column. */
function oneNorm(a: Float64Array, n: number): number {
  let largest = 0;
  for (let j = 0; j < n; j++) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += Math.abs(a[i * n + j]!);
    if (!(sum <= largest)) largest = sum;
  }
  return largest;
}
