import { assert, assertAlmostEquals } from "@std/assert";
import {
  compile,
  constant,
  eigh,
  grad,
  jvp,
  matmul,
  singularValues,
  svd,
  type Variable,
  vmap,
} from "../../../mod.ts";

type Matrix = readonly (readonly number[])[];

const WEIGHTS: Matrix = [[1, 2, -1, 4], [3, 0.5, 2, -2], [-2, 1, 0.7, 1], [0.3, -1, 2, 5]];
const PLANE: Matrix = [[1, 0, 0], [0, 0, 0], [0, 0, 0]];
const RANK_ONE: Matrix = [[1, 2, 3], [2, 4, 6], [3, 6, 9]];

const part = ([first, ...rest]: Matrix): number[][] =>
  [first!, ...rest].map((row, i) => row.map((_, j) => WEIGHTS[i]![j]!));
const symmetric = (w: number[][]): number[][] => w.map((row, i) => row.map((x, j) => (x + w[j]![i]!) / 2));
const transposed = (x: Variable): Variable => x.transpose([1, 0]);

/** The matrix again, from its parts, weighted: its derivative is the weights, whatever the matrix. */
const FROM_PARTS = {
  svd: (w: number[][]) => (x: Variable) => {
    const { u, s, v } = svd(x);
    return matmul(u.mul(s), transposed(v)).mul(w).sum();
  },
  eigh: (w: number[][]) => (x: Variable) => {
    const { values, vectors } = eigh(x);
    return matmul(vectors.mul(values), transposed(vectors)).mul(w).sum();
  },
};

/** Checks that each element is right, or that none is a number. */
function rightOrNaN(
  found: Iterable<number>,
  expected: number[][],
  determined: boolean,
  tolerance: number,
): void {
  const numbers = [...found];
  if (!determined) return assert(numbers.every(Number.isNaN), `not NaN: ${numbers}`);
  expected.flat().forEach((e, i) => assertAlmostEquals(numbers[i]!, e, tolerance));
}

/** The parts, the matrix, and whether they determine the derivative. */
const CASES: readonly (readonly [keyof typeof FROM_PARTS, string, Matrix, boolean])[] = [
  ["svd", "of full rank", [[2, 1, 0], [0, 3, 1], [1, 0, 5]], true],
  ["svd", "with one value 0", [[1, 0, 1], [0, 1, 1], [1, 1, 2]], true],
  ["svd", "with two values 0", PLANE, false],
  ["svd", "of ones", [[1, 1, 1], [1, 1, 1], [1, 1, 1]], false],
  ["svd", "of rank 1", RANK_ONE, false],
  ["svd", "of rank 2 and four axes", [[1, 0, 0, 0], [0, 2, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]], false],
  ["svd", "tall with a value 0", [[1, 0], [0, 0], [0, 0]], false],
  ["svd", "wide with a value 0", [[1, 0, 0], [0, 0, 0]], false],
  ["svd", "tall of full rank", [[1, 0], [0, 2], [1, 1]], true],
  ["svd", "with two values equal", [[1, 0, 0], [0, 1, 0], [0, 0, 3]], false],
  ["eigh", "of full rank", [[2, 1, 0], [1, 3, 1], [0, 1, 5]], true],
  ["eigh", "with one value 0", [[1, 0, 1], [0, 1, 1], [1, 1, 2]], true],
  ["eigh", "with two values 0", PLANE, false],
  ["eigh", "of rank 1", RANK_ONE, false],
  ["eigh", "with two values equal", [[2, 0, 0], [0, 2, 0], [0, 0, 1]], false],
  ["eigh", "of zeros", [[0, 0], [0, 0]], false],
];

for (const [name, what, matrix, determined] of CASES) {
  const w = part(matrix);
  const expected = name === "eigh" ? symmetric(w) : w;
  const f = FROM_PARTS[name](w);
  for (const dtype of ["float64", "float32"] as const) {
    Deno.test(`${name} ${what}, in ${dtype}: the matrix from its parts has ${determined ? "its" : "no"} derivative`, () => {
      const x = constant(matrix).cast(dtype);
      const tolerance = dtype === "float64" ? 1e-9 : 1e-3;
      rightOrNaN(grad(f)(x).data, expected, determined, tolerance);
      rightOrNaN(compile(grad(f))(x).data, expected, determined, tolerance);
      const both = constant([matrix, matrix]).cast(dtype);
      rightOrNaN(vmap(grad(f))(both).data.slice(x.size), expected, determined, tolerance);
      // Forwards along every element; what moves only numbers that are determined may be one.
      const along = constant(w).cast(dtype);
      const slope = jvp(f)([x], [along])[1] as Variable;
      const right = expected.flat().reduce((sum, e, i) => sum + e * w.flat()[i]!, 0);
      rightOrNaN([slope.item()], [[right]], determined, 100 * tolerance);
    });
  }
}

Deno.test("vectors that are determined have derivatives where others are not", () => {
  // The product of the first vectors and value is the best matrix of rank 1: at rank 1, along itself, it moves as it.
  const first = (x: Variable): Variable => {
    const { u, s, v } = svd(x);
    return matmul(u.slice([0, 0], [3, 1]).mul(s.slice([0], [1])), transposed(v.slice([0, 0], [3, 1]))).mul(
      part(RANK_ONE),
    ).sum();
  };
  const derivative = grad(first)(RANK_ONE as number[][]) as unknown as number[][];
  const along = RANK_ONE.flat().reduce((sum, x, i) => sum + x * (derivative.flat()[i] ?? NaN), 0);
  const value = RANK_ONE.flat().reduce((sum, x, i) => sum + x * part(RANK_ONE).flat()[i]!, 0);
  assertAlmostEquals(along, value, 1e-12);
});

Deno.test("the values alone have derivatives where vectors have none", () => {
  const sums: readonly (readonly [(x: Variable) => Variable, Matrix, number])[] = [
    [(x) => singularValues(x).sum(), PLANE, 3],
    [(x) => eigh(x).values.sum(), RANK_ONE, 3],
    [(x) => eigh(x).values.sum(), [[0, 0], [0, 0]], 2],
    [(x) => svd(x).s.square().sum(), [[1, 0], [0, 1], [0, 0]], 4],
  ];
  for (const [f, matrix, trace] of sums) {
    const g = grad(f)(matrix as number[][]) as unknown as number[][];
    assertAlmostEquals(g.reduce((sum, row, i) => sum + (row[i] ?? 0), 0), trace, 1e-12);
  }
});
