import { assertAlmostEquals, assertEquals, assertLessOrEqual, assertThrows } from "@std/assert";
import fc from "npm:fast-check@4";
import { checkGradients } from "../../../src/testing/mod.ts";
import {
  compile,
  constant,
  determinant,
  grad,
  inverse,
  jvp,
  logDeterminant,
  lstsq,
  matmul,
  matrixExp,
  matrixPower,
  NdArray,
  pseudoInverse,
  qr,
  signAndLogDeterminant,
  solve,
  stack,
  trace,
  triangularSolve,
  type Variable,
  vmap,
} from "../../../mod.ts";

const ASYMMETRIC = [[4, -1, 2], [0.5, 3, -1], [1, 2, 5]];
const SINGULAR = [[1, 2], [2, 4]];

function assertClose(
  actual: Variable,
  expected: Variable | NdArray | readonly unknown[],
  tolerance = 1e-12,
): void {
  const right = constant(expected as never);
  assertEquals([...actual.shape], [...right.shape]);
  const [a, b] = [actual.data, right.data];
  const scale = Math.max(1, ...Array.from(b, Math.abs));
  a.forEach((x, i) =>
    assertLessOrEqual(Math.abs(x - b[i]!), tolerance * scale, `element ${i} is ${x}, expected ${b[i]}`)
  );
}

/** Well-conditioned matrices: random numbers with a large diagonal. */
function matrices(n: number, batch: readonly number[] = []): fc.Arbitrary<NdArray> {
  const size = n * n * batch.reduce((a, b) => a * b, 1);
  return fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: size, maxLength: size })
    .map((numbers) =>
      new NdArray(
        Float64Array.from(numbers, (x, i) => x + (Math.floor(i / n) % n === i % n ? n + 1 : 0)),
        [...batch, n, n],
      )
    );
}

Deno.test("trace() sums the diagonal of matrices that need not be square", () => {
  assertEquals(trace([[1, 2, 3], [4, 5, 6]]).value, 6);
  assertEquals(trace([[[1, 2], [3, 4]], [[5, 6], [7, 8]]]).value, [5, 13]);
  assertEquals(trace(new NdArray(new Float64Array(0), [0, 0])).value, 0);
  assertEquals(grad((x: Variable) => trace(x))(constant(ASYMMETRIC)).value, [[1, 0, 0], [0, 1, 0], [
    0,
    0,
    1,
  ]]);
  assertThrows(() => trace([1, 2]), TypeError, "Cannot take the trace: the operand has shape [2]");
});

Deno.test("solve() undoes a product, for vectors, matrices and batches", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 9 }).chain((n) => matrices(n, [2])), (a) => {
    const n = a.shape.at(-1)!;
    const x = new NdArray(Float64Array.from({ length: 3 * n * 2 }, (_, i) => Math.sin(i)), [3, 1, n, 2]);
    assertClose(solve(a, matmul(a, x)), constant(x).broadcastTo([3, 2, n, 2]), 1e-10);
    const v = Float64Array.from({ length: n }, (_, i) => Math.cos(i));
    assertClose(
      matmul(a, solve(a, v).reshape([2, n, 1])).reshape([2, n]),
      constant(v).broadcastTo([2, n]),
      1e-10,
    );
  }));
});

Deno.test("solve() exchanges rows where the pivot is 0", () => {
  assertEquals(solve([[0, 1], [1, 0]], [2, 3]).value, [3, 2]);
  assertClose(solve([[0, 2, 1], [1, 0, 0], [3, 0, 1]], [5, 1, 4]), [1, 2, 1]);
});

Deno.test("solve() has the right derivatives to the second order", () => {
  const f = (a: Variable, b: Variable): Variable => solve(a, b).sin().sum();
  checkGradients(f, [ASYMMETRIC, [1, 2, 3]]);
  const byMatrix = (b: Variable) => (a: Variable): Variable => f(a, b);
  checkGradients((a, b) => grad(byMatrix(b!))(a!).sin().sum(), [ASYMMETRIC, [1, 2, 3]], { tolerance: 1e-5 });
});

Deno.test("solve() and inverse() refuse singular matrices, and name the pivot", () => {
  assertThrows(
    () => solve(SINGULAR, [1, 2]),
    RangeError,
    "Cannot solve the linear system: the matrix is singular, pivot 1 is 0",
  );
  assertThrows(() => inverse(SINGULAR), RangeError, "Cannot invert: the matrix is singular, pivot 1 is 0");
  assertThrows(() => inverse([[[1, 0], [0, 1]], SINGULAR]), RangeError, "matrix 1 of the batch is singular");
});

Deno.test("linear systems refuse shapes that don't fit", () => {
  assertThrows(() => solve([[1, 2, 3], [4, 5, 6]], [1, 2]), TypeError, "the operand has shape [2, 3]");
  assertThrows(() => solve([1, 2], [1, 2]), TypeError, "Cannot solve the linear system");
  assertThrows(() => solve(ASYMMETRIC, [1, 2]), TypeError, "must have shape [3] or [..., 3, columns]");
  assertThrows(() => solve(ASYMMETRIC, 1), TypeError, "Cannot solve the linear system");
  assertThrows(() => triangularSolve(ASYMMETRIC, [1]), TypeError, "Cannot solve the linear system");
  assertThrows(() => inverse([[1, 2, 3]]), TypeError, "Cannot invert: the operand has shape [1, 3]");
  assertThrows(() => determinant([1]), TypeError, "Cannot take the determinant");
  assertThrows(() => matrixExp([[1, 2]]), TypeError, "Cannot take the matrix exponential");
  assertThrows(() => lstsq(ASYMMETRIC, [1, 2]), TypeError, "they need as many rows");
  assertThrows(() => pseudoInverse([1, 2]), TypeError, "Cannot take the pseudo-inverse");
});

Deno.test("inverse() times the matrix is the identity", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 8 }).chain((n) => matrices(n)), (a) => {
    const n = a.shape[0]!;
    assertClose(matmul(inverse(a), a), matrixPower(a, 0), 1e-12);
    assertClose(inverse(inverse(a)), a, 1e-11);
    assertEquals(matrixPower(a, 0).shape, [n, n]);
  }));
});

Deno.test("inverse() of the Hilbert matrix of order 4 has its known integer elements", () => {
  const hilbert = Array.from({ length: 4 }, (_, i) => Array.from({ length: 4 }, (_, j) => 1 / (i + j + 1)));
  assertClose(inverse(hilbert), [
    [16, -120, 240, -140],
    [-120, 1200, -2700, 1680],
    [240, -2700, 6480, -4200],
    [-140, 1680, -4200, 2800],
  ], 1e-11);
  assertAlmostEquals(determinant(hilbert).item() * 6048000, 1, 1e-11);
});

Deno.test("triangularSolve() reads one triangle in each of the eight ways", () => {
  const lower = [[4, 0, 0], [0.5, 3, 0], [1, 2, 5]];
  const upper = [[4, -1, 2], [0, 3, -1], [0, 0, 5]];
  const withOnes = (rows: number[][]): number[][] => rows.map((row, i) => row.map((x, j) => i === j ? 1 : x));
  const b = [[1, 2], [3, 4], [5, 6]];
  for (const unitDiagonal of [false, true]) {
    for (const transpose of [false, true]) {
      for (const isUpper of [false, true]) {
        const triangle = isUpper ? upper : lower;
        const full = constant(unitDiagonal ? withOnes(triangle) : triangle);
        const expected = solve(transpose ? full.transpose() : full, b);
        const options = { upper: isUpper, transpose, unitDiagonal };
        assertClose(triangularSolve(ASYMMETRIC, b, options), expected);
      }
    }
  }
  assertEquals(triangularSolve([[2, 0], [1, 4]], [2, 9]).value, [1, 2]);
});

Deno.test("triangularSolve() gives the part it does not read a derivative of 0", () => {
  const g = grad((a: Variable) => triangularSolve(a, [1, 2, 3]).sum())(constant(ASYMMETRIC));
  assertEquals([g.data[1], g.data[2], g.data[5]].map((x) => x! + 0), [0, 0, 0]);
  assertThrows(
    () => triangularSolve([[1, 0], [2, 0]], [1, 2]),
    RangeError,
    "Cannot solve the triangular system: the matrix is singular, pivot 1 is 0",
  );
  assertEquals(triangularSolve([[0, 0], [2, 0]], [1, 5], { unitDiagonal: true }).value, [1, 3]);
});

Deno.test("determinant() of a product is the product of the determinants", () => {
  const pair = fc.integer({ min: 1, max: 7 }).chain((n) => fc.tuple(matrices(n), matrices(n)));
  fc.assert(fc.property(pair, ([a, b]) => {
    const [p, q] = [determinant(a).item(), determinant(b).item()];
    assertAlmostEquals(determinant(matmul(a, b)).item() / (p * q), 1, 1e-10);
    const { sign, logDeterminant: log } = signAndLogDeterminant(a);
    assertAlmostEquals(sign.item() * Math.exp(log.item()) / p, 1, 1e-10);
  }));
});

Deno.test("determinant() of known matrices", () => {
  assertEquals(determinant([[7]]).value, 7);
  assertEquals(determinant([[1, 2], [3, 4]]).value, -2);
  assertEquals(determinant([[2, 0, 1], [1, 3, 2], [1, 1, 1]]).value, 0);
  assertEquals(determinant([[0, 0, 0, 1], [0, 0, 1, 0], [0, 1, 0, 0], [1, 0, 0, 0]]).value, 1);
  assertEquals(determinant([[[1, 2], [3, 4]], [[2, 0], [0, 2]]]).value, [-2, 4]);
  assertEquals(determinant(new NdArray(new Float64Array(0), [0, 0])).value, 1);
});

/** The cofactors by their definition. */
function minors(rows: number[][]): number[][] {
  return rows.map((row, i) =>
    row.map((_, j) => {
      const minor = rows.filter((_, k) => k !== i).map((r) => r.filter((_, k) => k !== j));
      return (-1) ** (i + j) * determinant(minor).item();
    })
  );
}

Deno.test("determinant() has the right gradient for singular matrices of any rank", () => {
  const rank3 = [[1, 2, 0, 1], [0, 1, 1, 3], [2, 0, 1, 1], [3, 3, 2, 5]];
  const rank2 = [[1, 2, 3, 4], [2, 3, 4, 5], [3, 4, 5, 6], [4, 5, 6, 7]];
  const rank1 = [[1, 2, 3], [2, 4, 6], [3, 6, 9]];
  const zero = [[0, 0], [0, 0]];
  for (const rows of [rank3, rank2, rank1, zero, SINGULAR, [[0]]]) {
    const gradient = grad((x: Variable) => determinant(x));
    assertClose(gradient(constant(rows)), rows.length === 1 ? [[1]] : minors(rows));
    checkGradients((x) => gradient(x!).sin().sum(), [rows]);
    checkGradients((x) => grad((y: Variable) => gradient(y).square().sum())(x!).sum(), [rows], {
      tolerance: 1e-4,
    });
  }
});

Deno.test("determinant() has finite derivatives where the matrix is nearly singular", () => {
  const rows = [[1, 2, 3, 4], [2, 3, 4, 5], [3, 4, 5, 6], [4, 5, 6, 7 + 1e-9]];
  const gradient = grad((x: Variable) => determinant(x))(constant(rows));
  assertClose(gradient, minors(rows), 1e-13);
});

Deno.test("logDeterminant() neither overflows nor underflows", () => {
  const large = Array.from(
    { length: 200 },
    (_, i) => Array.from({ length: 200 }, (_, j) => i === j ? 1e-3 : 0),
  );
  assertAlmostEquals(logDeterminant(large).item(), 200 * Math.log(1e-3), 1e-9);
  assertEquals(determinant(large).value, 0);
});

Deno.test("logDeterminant() of a singular matrix is -Infinity, with sign 0 and no derivative", () => {
  const { sign, logDeterminant: log } = signAndLogDeterminant([SINGULAR, [[0, 1], [1, 0]]]);
  assertEquals(sign.value, [0, -1]);
  assertEquals(log.value, [-Infinity, 0]);
  assertThrows(
    () => grad((x: Variable) => logDeterminant(x))(constant(SINGULAR)),
    RangeError,
    "Cannot invert: the matrix is singular",
  );
});

Deno.test("pseudoInverse() meets Penrose's four conditions, for full rank and less", () => {
  const wide = [[1, 2, 3], [4, 5, 6]];
  const low = [[1, 2, 3], [2, 4, 6], [1, 0, 1], [2, 2, 4]];
  for (const rows of [wide, low, ASYMMETRIC, SINGULAR, [[0, 0]]]) {
    const a = constant(rows);
    const p = pseudoInverse(a);
    assertClose(matmul(matmul(a, p), a), a, 1e-12);
    assertClose(matmul(matmul(p, a), p), p, 1e-12);
    assertClose(matmul(a, p).transpose(), matmul(a, p), 1e-12);
    assertClose(matmul(p, a).transpose(), matmul(p, a), 1e-12);
  }
  assertClose(pseudoInverse(ASYMMETRIC), inverse(ASYMMETRIC));
  assertEquals(pseudoInverse([[2, 0], [0, 1e-3]], { tolerance: 0.01 }).value, [[0.5, 0], [0, 0]]);
  assertThrows(() => pseudoInverse(SINGULAR, { tolerance: -1 }), RangeError, "tolerance is -1");
});

Deno.test("pseudoInverse() has the right derivatives along changes that keep the rank", () => {
  checkGradients((x) => pseudoInverse(x!).sin().sum(), [[[1, 2, 3], [4, 5, 6.5]]]);
  checkGradients((x) => pseudoInverse(x!).sin().sum(), [[[0, 1], [1, 0]]]);
  // Products of a column and a row have rank 1 everywhere.
  checkGradients((u, v) => pseudoInverse(u!.reshape([3, 1]).matmul(v!.reshape([1, 2]))).sin().sum(), [
    [1, 2, -1],
    [0.5, 3],
  ]);
});

Deno.test("lstsq() leaves a residual orthogonal to the columns", () => {
  const a = constant([[1, 0], [1, 1], [1, 2], [1, 4]]);
  const b = constant([1, 2, 2, 5]);
  const x = lstsq(a, b);
  assertClose(matmul(a.transpose(), matmul(a, x).sub(b)), [0, 0], 1e-13);
  assertClose(x, matmul(pseudoInverse(a), b), 1e-13);
  checkGradients((m, v) => lstsq(m!, v!).sin().sum(), [a.value as number[][], b.value as number[]]);
});

Deno.test("lstsq() gives the smallest solution where there are several", () => {
  const a = constant([[1, 2, 3], [4, 5, 7]]);
  const b = [[1, 0], [2, 1]];
  assertClose(lstsq(a, b), matmul(pseudoInverse(a), b), 1e-13);
  checkGradients((m) => lstsq(m!, [1, 2]).sin().sum(), [a.value as number[][]]);
  assertEquals(
    lstsq(new NdArray(new Float64Array(24).fill(1).map(Math.random), [2, 4, 3]), [1, 2, 3, 4]).shape,
    [2, 3],
  );
  assertClose(lstsq([[1, 0], [1, 0], [1, 0]], [1, 2, 3]), constant([2, 0]), 1e-14);
});

Deno.test("matrixPower() multiplies, inverts and gives the identity", () => {
  const a = constant(ASYMMETRIC);
  assertClose(matrixPower(a, 5), matmul(a, matmul(a, matmul(a, matmul(a, a)))));
  assertClose(matrixPower(a, -2), inverse(matmul(a, a)));
  assertEquals(matrixPower([SINGULAR, SINGULAR], 0).value, [[[1, 0], [0, 1]], [[1, 0], [0, 1]]]);
  assertEquals(
    matrixPower(constant([[2]], { dtype: "float32" }), 0).dtype,
    "float32",
  );
  checkGradients((x) => matrixPower(x!, 3).sum(), [SINGULAR]);
  assertThrows(() => matrixPower(a, 0.5), RangeError, "the exponent is 0.5, use an integer");
  assertThrows(() => matrixPower([[1, 2]], 2), TypeError, "the operand has shape [1, 2]");
  assertThrows(() => matrixPower(SINGULAR, -1), RangeError, "singular");
});

Deno.test("matrixExp() of known matrices", () => {
  assertClose(matrixExp([[0, -1], [1, 0]]), [[Math.cos(1), -Math.sin(1)], [Math.sin(1), Math.cos(1)]], 1e-15);
  assertClose(matrixExp([[0, 1, 2], [0, 0, 3], [0, 0, 0]]), [[1, 1, 3.5], [0, 1, 3], [0, 0, 1]], 1e-15);
  assertClose(matrixExp([[40, 0], [0, -3]]), [[Math.exp(40), 0], [0, Math.exp(-3)]], 1e-13);
  const rotated = matmul(matmul([[1, 1], [0, 1]], [[1, 0], [0, 2]]), [[1, -1], [0, 1]]);
  assertClose(matrixExp(rotated), [[Math.E, Math.E ** 2 - Math.E], [0, Math.E ** 2]], 1e-15);
  assertEquals(matrixExp([[NaN]]).value, [[NaN]]);
});

Deno.test("matrixExp() obeys det exp(A) = exp trace A, and has the right second derivatives", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 6 }).chain((n) => matrices(n)), (a) => {
    assertAlmostEquals(logDeterminant(matrixExp(a)).item(), trace(a).item(), 1e-9);
  }));
  const f = (x: Variable): Variable => matrixExp(x).sin().sum();
  checkGradients((x) => grad(f)(x!).sum(), [[[0.1, 0.2], [-0.3, 0.4]]], { tolerance: 1e-5 });
});

Deno.test("linear algebra keeps float32, and computes inside in float64", () => {
  const a = constant(ASYMMETRIC, { dtype: "float32" });
  for (const f of [inverse, determinant, logDeterminant, matrixExp, pseudoInverse, trace]) {
    assertEquals(f(a).dtype, "float32");
    assertClose(f(a), f(a.cast("float64")).cast("float32"), 1e-7);
    assertEquals(grad((x: Variable) => f(x).sum())(a).dtype, "float32");
  }
  assertEquals(solve(a, [1, 2, 3]).dtype, "float32");
});

// The smallest solutions by hand: of rank 1 matrices `u v^T`, `v (u . b) / (|u|^2 |v|^2)`.
const RANK_ONE = [
  { u: [1, 2, 3], v: [1, 2], b: [1, -1, 2] },
  { u: [0.1, 0.3, 0.7], v: [1, 2], b: [1, 2, 3] },
  { u: [1, 1], v: [1, -1, 0.5], b: [3, 4] },
  { u: [1, 0, 2], v: [0, 1, 0], b: [1, 1, 1] },
];

for (const { u, v, b } of RANK_ONE) {
  for (const dtype of ["float64", "float32"] as const) {
    Deno.test(`lstsq() of the rank 1 matrix of ${u} and ${v}, in ${dtype}, is the smallest solution, with its derivative`, () => {
      const square = (x: number[]) => x.reduce((sum, e) => sum + e * e, 0);
      const scale = u.reduce((sum, e, i) => sum + e * b[i]!, 0) / square(u) / square(v);
      const tolerance = dtype === "float64" ? 1e-13 : 1e-5;
      const a = constant(u.map((x) => v.map((y) => x * y))).cast(dtype);
      const y = constant(b).cast(dtype);
      const expected = constant(v.map((x) => x * scale));
      assertClose(lstsq(a, y).cast("float64"), expected, tolerance);
      assertClose(compile(lstsq)(a, y).cast("float64"), expected, tolerance);
      const both = vmap((m: Variable, r: Variable) => lstsq(m, r))(stack([a, a]), stack([y, y])).cast(
        "float64",
      );
      assertClose(both, stack([expected, expected]), tolerance);
      // By the right-hand side it is linear: the gradient of the sum is that of v (u . b).
      const slope = grad((r: Variable) => lstsq(a, r).sum())(y).cast("float64");
      const sum = v.reduce((s, e) => s + e, 0) / square(u) / square(v);
      assertClose(slope, constant(u.map((x) => x * sum)), tolerance);
    });
  }
}

Deno.test("lstsq() has a derivative by a matrix whose rank does not change", () => {
  // All matrices outer(u, v) have rank 1.
  checkGradients(
    (u, v) => lstsq(u!.reshape([3, 1]).mul(v!), [1, 2, -1]).sin().sum(),
    [[1, 2, 3], [1, -2]],
  );
});

Deno.test("the derivative of qr() without full column rank is an error that speaks of it", () => {
  const product = (x: Variable) => {
    const { q, r } = qr(x);
    return q.matmul(r).sum();
  };
  for (const matrix of [[[1, 2], [2, 4], [3, 6]], [[0.1, 0.2], [0.3, 0.6], [0.7, 1.4]], [[0, 1], [0, 2]]]) {
    for (const dtype of ["float64", "float32"] as const) {
      const x = constant(matrix).cast(dtype);
      assertThrows(() => grad(product)(x), RangeError, "Cannot differentiate the QR decomposition");
      assertThrows(() => jvp(product)([x], [x]), RangeError, "Cannot differentiate the QR decomposition");
    }
  }
});
