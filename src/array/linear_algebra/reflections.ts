/** Householder reflections, and the triangles they bring matrices to. */
import type { DType } from "../dtype.ts";
import { eachMatrix } from "./matrices.ts";
import type { NdArray } from "../nd_array.ts";
import type { Shape } from "../shape.ts";

/**
 * Householder reflections `I - tau v v'` of blocks of a matrix of `width` columns, stored by rows. All loops run along
 * rows, four of them at a time, so that each number is read once for several products.
 */

/** A block of a matrix: its rows and columns from the first one to before the last one. */
export interface Block {
  /** The matrix, row by row. */
  readonly data: Float64Array;
  /** The numbers of a row of the whole matrix. */
  readonly width: number;
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/**
 * Replaces a vector by the `v` of the reflection that turns it into a multiple of the first axis (Golub and Van Loan,
 * algorithm 5.1.1); `v[0]` is 1.
 *
 * @returns The factor `tau`, 0 for a vector that is left as it is, and the first element that is made
 */
export function reflector(v: Float64Array): { readonly tau: number; readonly first: number } {
  let largest = 0;
  for (let i = 0; i < v.length; i++) largest = Math.max(largest, Math.abs(v[i]!));
  if (largest === 0) return { tau: 0, first: 0 };
  let square = 0;
  for (let i = 0; i < v.length; i++) square += (v[i]! / largest) ** 2;
  const norm = largest * Math.sqrt(square);
  const first = v[0]! > 0 ? -norm : norm;
  const head = v[0]! - first;
  v[0] = 1;
  for (let i = 1; i < v.length; i++) v[i]! /= head;
  return { tau: -head / first, first };
}

/** Reflects the columns of a block: `A - tau v (v'A)`, with a vector as long as the block has rows. */
export function reflectRows(block: Block, v: Float64Array, tau: number): void {
  if (tau === 0) return;
  const sums = new Float64Array(block.right - block.left);
  addRows(block, v, tau, sums);
  subtractOuter(block, v, sums);
}

/** Reflects the rows of a block: `A - tau (A v) v'`, with a vector as long as the block has columns. */
export function reflectColumns(block: Block, v: Float64Array, tau: number): void {
  if (tau === 0) return;
  const products = multiplyRows(block, v);
  for (let i = 0; i < products.length; i++) products[i]! *= tau;
  subtractOuter(block, products, v);
}

/** A reflection of the rows from `top` on. */
export interface Reflection {
  readonly v: Float64Array;
  readonly tau: number;
  readonly top: number;
}

/**
 * Reflects an m by n matrix so that column k becomes 0 below the diagonal; what stands there is not written. The
 * reflection is added to a list.
 *
 * @returns The element on the diagonal
 */
export function reflectColumn(a: Float64Array, m: number, n: number, k: number, list: Reflection[]): number {
  const v = new Float64Array(m - k);
  for (let i = k; i < m; i++) v[i - k] = a[i * n + k]!;
  const { tau, first } = reflector(v);
  reflectRows({ data: a, width: n, top: k, bottom: m, left: k + 1, right: n }, v, tau);
  list.push({ v, tau, top: k });
  return first;
}

/** Makes an m by n matrix, m >= n, upper triangular (Golub and Van Loan, algorithm 5.2.1). */
export function triangularize(a: Float64Array, m: number, n: number): Reflection[] {
  const list: Reflection[] = [];
  for (let k = 0; k < n; k++) {
    a[k * n + k] = reflectColumn(a, m, n, k, list);
    for (let i = k + 1; i < m; i++) a[i * n + k] = 0;
  }
  return list;
}

/** Multiplies a matrix of `n` columns by the product of reflections from the left. */
export function reflectAll(a: Float64Array, rows: number, n: number, list: readonly Reflection[]): void {
  for (const { v, tau, top } of list.toReversed()) {
    reflectRows({ data: a, width: n, top, bottom: rows, left: 0, right: n }, v, tau);
  }
}

/** The first n columns of the identity of m rows. */
export function columnsOfIdentity(m: number, n: number): Float64Array {
  const out = new Float64Array(m * n);
  for (let i = 0; i < n; i++) out[i * n + i] = 1;
  return out;
}

/** Adds `scale v'A` to a row. */
function addRows(
  { data, width, top, bottom, left, right }: Block,
  v: Float64Array,
  scale: number,
  to: Float64Array,
) {
  const columns = right - left;
  let i = top;
  for (; i + 3 < bottom; i += 4) {
    const a = i * width + left, b = a + width, c = b + width, d = c + width;
    const p = scale * v[i - top]!, q = scale * v[i - top + 1]!;
    const r = scale * v[i - top + 2]!, s = scale * v[i - top + 3]!;
    for (let j = 0; j < columns; j++) {
      to[j]! += p * data[a + j]! + q * data[b + j]! + r * data[c + j]! + s * data[d + j]!;
    }
  }
  for (; i < bottom; i++) {
    const a = i * width + left, p = scale * v[i - top]!;
    for (let j = 0; j < columns; j++) to[j]! += p * data[a + j]!;
  }
}

/** `A v`. */
function multiplyRows({ data, width, top, bottom, left, right }: Block, v: Float64Array): Float64Array {
  const columns = right - left;
  const out = new Float64Array(bottom - top);
  let i = top;
  for (; i + 3 < bottom; i += 4) {
    const a = i * width + left, b = a + width, c = b + width, d = c + width;
    let p = 0, q = 0, r = 0, s = 0;
    for (let j = 0; j < columns; j++) {
      const x = v[j]!;
      p += data[a + j]! * x;
      q += data[b + j]! * x;
      r += data[c + j]! * x;
      s += data[d + j]! * x;
    }
    out.set([p, q, r, s], i - top);
  }
  for (; i < bottom; i++) {
    let p = 0;
    for (let j = 0, a = i * width + left; j < columns; j++, a++) p += data[a]! * v[j]!;
    out[i - top] = p;
  }
  return out;
}

/** `A - u v'`. */
function subtractOuter(
  { data, width, top, bottom, left, right }: Block,
  u: Float64Array,
  v: Float64Array,
): void {
  const columns = right - left;
  let i = top;
  for (; i + 3 < bottom; i += 4) {
    const a = i * width + left, b = a + width, c = b + width, d = c + width;
    const p = u[i - top]!, q = u[i - top + 1]!, r = u[i - top + 2]!, s = u[i - top + 3]!;
    for (let j = 0; j < columns; j++) {
      const x = v[j]!;
      data[a + j]! -= p * x;
      data[b + j]! -= q * x;
      data[c + j]! -= r * x;
      data[d + j]! -= s * x;
    }
  }
  for (; i < bottom; i++) {
    const a = i * width + left, p = u[i - top]!;
    for (let j = 0; j < columns; j++) data[a + j]! -= p * v[j]!;
  }
}

/**
 * Q over R of each matrix with at least as many rows as columns, by Householder reflections (Golub and Van
 * Loan, algorithm 5.2.1); the diagonal of R is not negative.
 *
 * @param shape `[...batch, rows + columns, columns]`
 */
export function qrArray(a: NdArray, shape: Shape, dtype: DType): NdArray {
  const [m, n] = a.shape.slice(-2) as [number, number];
  return eachMatrix(a, shape, (m + n) * n, dtype, (r, out, at) => {
    const reflections = triangularize(r, m, n);
    const q = columnsOfIdentity(m, n);
    reflectAll(q, m, n, reflections);
    const top = m * n;
    for (let k = 0; k < n; k++) {
      const sign = r[k * n + k]! < 0 ? -1 : 1;
      for (let i = 0; i < m; i++) out[at + i * n + k] = sign * q[i * n + k]!;
      for (let j = k; j < n; j++) out[at + top + k * n + j] = sign * r[k * n + j]!;
    }
  });
}
