import { assert, assertEquals, assertLess } from "@std/assert";
import { NdArray } from "../../../src/array/nd_array.ts";
import { eighArray } from "../../../src/array/linear_algebra/eigen.ts";
import { spectrumRounding } from "../../../src/array/linear_algebra/matrices.ts";
import { qrArray } from "../../../src/array/linear_algebra/reflections.ts";
import { svdArray } from "../../../src/array/linear_algebra/svd.ts";
import { key, normal } from "../../../src/random/mod.ts";

type Matrix = readonly (readonly number[])[];

/** Sizes on both sides of those from which on reflections are used, and not whole blocks of four rows. */
const SIZES = [1, 2, 5, 12, 13, 30, 63];

function matrix(rows: number, columns: number, element: (i: number, j: number) => number): Matrix {
  return Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (_, j) => element(i, j)));
}

function random(rows: number, columns: number): Matrix {
  const { data } = normal(key(rows * 1000 + columns), [rows, columns], { dtype: "float64" });
  return matrix(rows, columns, (i, j) => data[i * columns + j]!);
}

/** A matrix with orthonormal columns. */
function orthonormal(rows: number, columns: number): Matrix {
  const { data } = qrArray(toArray(random(rows, columns)), [rows + columns, columns], "float64");
  return matrix(rows, columns, (i, j) => data[i * columns + j]!);
}

function toArray(a: Matrix): NdArray {
  return new NdArray(Float64Array.from(a.flat()), [a.length, a[0]!.length]);
}

function multiply(a: Matrix, b: Matrix): Matrix {
  return matrix(a.length, b[0]!.length, (i, j) => a[i]!.reduce((sum, x, k) => sum + x * b[k]![j]!, 0));
}

function transpose(a: Matrix): Matrix {
  return matrix(a[0]!.length, a.length, (i, j) => a[j]![i]!);
}

function scaleColumns(a: Matrix, factors: readonly number[]): Matrix {
  return a.map((row) => row.map((x, j) => x * factors[j]!));
}

function distance(a: Matrix, b: Matrix): number {
  return a.flat().reduce((most, x, i) => Math.max(most, Math.abs(x - b.flat()[i]!)), 0);
}

function assertOrthonormal(a: Matrix): void {
  const n = a[0]!.length;
  assertLess(distance(multiply(transpose(a), a), matrix(n, n, (i, j) => i === j ? 1 : 0)), 1e-14 * (n + 5));
}

function largestOf(a: Matrix): number {
  return Math.max(...a.flat().map(Math.abs), Number.MIN_VALUE);
}

/** The numbers on which hard cases are built, for each size. */
const SPECTRA: { readonly [name: string]: (n: number) => number[] } = {
  "different numbers": (n) => Array.from({ length: n }, (_, i) => i + 1),
  "equal numbers": (n) => Array<number>(n).fill(3),
  "three different numbers": (n) => Array.from({ length: n }, (_, i) => i % 3 + 1),
  "many zeros": (n) => Array.from({ length: n }, (_, i) => i < 2 ? i + 1 : 0),
  "numbers of all sizes": (n) => Array.from({ length: n }, (_, i) => 2 ** -i),
  "pairs that are close": (n) => Array.from({ length: n }, (_, i) => 1 + (i >> 1) + 1e-10 * (i % 2)),
  "huge numbers": (n) => Array.from({ length: n }, (_, i) => 1e200 * (i + 1)),
  "tiny numbers": (n) => Array.from({ length: n }, (_, i) => 1e-200 * (i + 1)),
  "zeros": (n) => Array<number>(n).fill(0),
};

function eigen(a: Matrix): { values: number[]; vectors: Matrix } {
  const n = a.length;
  const rows = [...eighArray(toArray(a), [n + 1, n], "float64").data];
  return { values: rows.slice(0, n), vectors: matrix(n, n, (i, j) => rows[(i + 1) * n + j]!) };
}

function singular(a: Matrix): { left: Matrix; values: number[]; right: Matrix } {
  const [m, n] = [a.length, a[0]!.length];
  const { data } = svdArray(toArray(a), [m + 1 + n, n], "float64");
  return {
    left: matrix(m, n, (i, j) => data[i * n + j]!),
    values: [...data.subarray(m * n, (m + 1) * n)],
    right: matrix(n, n, (i, j) => data[(m + 1 + i) * n + j]!),
  };
}

for (const [name, spectrum] of Object.entries(SPECTRA)) {
  Deno.test(`eighArray() finds ${name} and orthonormal vectors that give the matrix again`, () => {
    for (const n of SIZES) {
      const values = spectrum(n).map((x, i) => i % 2 === 1 ? -x : x);
      const q = orthonormal(n, n);
      const half = multiply(scaleColumns(q, values), transpose(q));
      const a = matrix(n, n, (i, j) => half[Math.max(i, j)]![Math.min(i, j)]!);
      const found = eigen(a);
      const allowed = 1e-15 * (n + 5) * Math.max(largestOf([values]), 1e-300);
      assertLess(distance([found.values], [values.toSorted((x, y) => x - y)]), allowed, `${n} rows`);
      assertOrthonormal(found.vectors);
      const again = multiply(scaleColumns(found.vectors, found.values), transpose(found.vectors));
      assertLess(distance(again, a), 2 * allowed, `${n} rows`);
    }
  });

  Deno.test(`svdArray() finds ${name} and orthonormal vectors that give the matrix again`, () => {
    for (const n of SIZES) {
      for (const m of [n, n + 3, 2 * n + 1]) {
        const values = spectrum(n).toSorted((x, y) => y - x);
        const a = multiply(scaleColumns(orthonormal(m, n), values), transpose(orthonormal(n, n)));
        const { left, values: found, right } = singular(a);
        const allowed = 1e-15 * (n + 5) * Math.max(largestOf([values]), 1e-300);
        assertLess(distance([found], [values]), allowed, `${m} by ${n}`);
        assertOrthonormal(left);
        assertOrthonormal(right);
        assertLess(
          distance(multiply(scaleColumns(left, found), transpose(right)), a),
          2 * allowed,
          `${m} by ${n}`,
        );
      }
    }
  });
}

Deno.test("eighArray() finds the eigenvalues of the second difference, which are known", () => {
  for (const n of [12, 13, 50, 101]) {
    const { values } = eigen(matrix(n, n, (i, j) => i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0));
    const exact = values.map((_, k) => 4 * Math.sin((k + 1) * Math.PI / (2 * n + 2)) ** 2);
    assertLess(distance([values], [exact]), 1e-14);
  }
});

Deno.test("svdArray() finds the smallest value of a graded triangle to all digits that it has", () => {
  // A bidiagonal matrix determines even its tiniest singular value (Demmel and Kahan 1990): here it is, to first
  // order, the product of the diagonal over the product of the others.
  const n = 20;
  const { values } = singular(matrix(n, n, (i, j) => i === j ? 2 ** -i : j === i + 1 ? 2 ** -(i + 3) : 0));
  const product = values.reduce((a, b) => a * b, 1);
  assertLess(Math.abs(product / 2 ** -(n * (n - 1) / 2) - 1), 1e-9);
});

Deno.test("spectra of equal numbers are equal within what derivatives take for rounding", () => {
  for (const n of [12, 20, 64, 120, 200]) {
    const q = orthonormal(n, n);
    const { values } = singular(q);
    assertLess(values[0]! - values.at(-1)!, spectrumRounding(n), `${n} columns`);
    const twos = multiply(scaleColumns(q, Array.from({ length: n }, (_, i) => i % 2 + 1)), transpose(q));
    const found = eigen(twos).values;
    assertLess(found[n / 2 - 1]! - found[0]!, 2 * spectrumRounding(n), `${n} rows`);
    assertLess(found.at(-1)! - found[n / 2]!, 2 * spectrumRounding(n), `${n} rows`);
  }
});

Deno.test("spectra of a matrix that is not finite are NaN, those beside it in the batch are not", () => {
  const data = new Float64Array(2 * 15 * 15);
  for (let i = 0; i < 15; i++) data[i * 16] = data[225 + i * 16] = i + 1;
  data[7] = Infinity;
  const a = new NdArray(data, [2, 15, 15]);
  const vectors = eighArray(a, [2, 16, 15], "float64").data;
  assert(vectors.subarray(0, 240).every(Number.isNaN));
  assertEquals([...vectors.subarray(240, 255)], Array.from({ length: 15 }, (_, i) => i + 1));
  const parts = svdArray(a, [2, 31, 15], "float64").data;
  assert(parts.subarray(0, 31 * 15).every(Number.isNaN));
  assertEquals([...parts.subarray(46 * 15, 47 * 15)], Array.from({ length: 15 }, (_, i) => 15 - i));
});
