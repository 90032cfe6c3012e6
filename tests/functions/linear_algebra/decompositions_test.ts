import { assert, assertEquals, assertLessOrEqual, assertThrows } from "@std/assert";
import fc from "npm:fast-check@4";
import { checkGradients } from "../../../src/testing/mod.ts";
import {
  cholesky,
  constant,
  eigh,
  grad,
  logDeterminant,
  matmul,
  NdArray,
  qr,
  singularValues,
  svd,
  trace,
  type Variable,
} from "../../../mod.ts";

function assertClose(actual: Variable, expected: Variable | readonly unknown[], tolerance = 1e-12): void {
  const right = constant(expected as never);
  assertEquals([...actual.shape], [...right.shape]);
  const [a, b] = [actual.data, right.data];
  const scale = Math.max(1, ...Array.from(b, Math.abs));
  a.forEach((x, i) =>
    assertLessOrEqual(Math.abs(x - b[i]!), tolerance * scale, `element ${i} is ${x}, expected ${b[i]}`)
  );
}

function identity(n: number): number[][] {
  return Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => i === j ? 1 : 0));
}

function swapLast(x: Variable): Variable {
  return x.transpose(x.shape.map((_, i) => i < x.rank - 2 ? i : 2 * x.rank - 3 - i));
}

/** Matrices of any rank and scale, also with many zeros. */
const anyMatrices: fc.Arbitrary<NdArray> = fc.tuple(
  fc.integer({ min: 1, max: 7 }),
  fc.integer({ min: 1, max: 7 }),
  fc.constantFrom(1e-8, 1, 1e8),
).chain(([m, n, scale]) =>
  fc.array(fc.oneof(fc.double({ min: -1, max: 1, noNaN: true }), fc.constantFrom(0, 1)), {
    minLength: 2 * m * n,
    maxLength: 2 * m * n,
  }).map((numbers) =>
    new NdArray(Float64Array.from(numbers, (x) => Math.abs(x) < 1e-130 ? 0 : x * scale), [2, m, n])
  )
);

const SYMMETRIC = [[4, 1, 0.5], [1, 3, -1], [0.5, -1, 5]];

Deno.test("cholesky() of L transpose(L) is L", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 7 }).chain((n) =>
        fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: n * n, maxLength: n * n })
      ),
      (numbers) => {
        const n = Math.sqrt(numbers.length);
        const lower = constant(
          Array.from(
            { length: n },
            (_, i) =>
              Array.from(
                { length: n },
                (_, j) => j < i ? numbers[i * n + j]! : i === j ? 1.5 + numbers[i * n + i]! : 0,
              ),
          ),
        );
        assertClose(cholesky(matmul(lower, lower.transpose())), lower, 1e-9);
      },
    ),
  );
});

Deno.test("cholesky() has a symmetric derivative, right to the second order", () => {
  const weights = [[1, 0, 0], [0.4, -2, 0], [0.3, 0.7, 3]];
  const f = (x: Variable): Variable => cholesky(x).mul(weights).sin().sum();
  checkGradients((x) => f(x!), [SYMMETRIC]);
  checkGradients((x) => grad(f)(x!).sin().sum(), [SYMMETRIC], { tolerance: 1e-5 });
  const g = grad(f)(constant(SYMMETRIC));
  assertClose(g.transpose(), g, 1e-15);
  // log det A is twice the sum of the logarithms of the diagonal.
  const byFactor = grad((x: Variable) => cholesky(x).mul(identity(3)).sum({ axis: 1 }).log().sum().mul(2));
  assertClose(byFactor(constant(SYMMETRIC)), grad((x: Variable) => logDeterminant(x))(constant(SYMMETRIC)));
});

Deno.test("cholesky() refuses matrices that are not positive definite, and names the pivot", () => {
  assertThrows(
    () => cholesky([[1, 2], [2, 1]]),
    RangeError,
    "Cannot take the Cholesky factor: the matrix is not positive definite, pivot 1 is -3",
  );
  assertThrows(() => cholesky([identity(2), [[0, 0], [0, 1]]]), RangeError, "matrix 1 of the batch");
  assertThrows(() => cholesky([[NaN]]), RangeError, "pivot 0 is NaN");
  assertThrows(
    () => cholesky([[1, 2]]),
    TypeError,
    "Cannot take the Cholesky factor: the operand has shape [1, 2]",
  );
});

Deno.test("qr() gives orthonormal columns and a triangle whose product is the matrix", () => {
  fc.assert(fc.property(anyMatrices, (a) => {
    const { q, r } = qr(a);
    const k = Math.min(...a.shape.slice(1));
    const scale = Math.max(...a.data.map(Math.abs)) || 1;
    assertClose(matmul(swapLast(q), q), [identity(k), identity(k)], 1e-14 * 10);
    assertClose(matmul(q, r).div(scale), constant(a).div(scale), 1e-14 * 10);
    const rows = r.value as number[][][];
    assertEquals(
      rows.filter((m) => !(m.every((row, i) => row.every((x, j) => j < i ? x === 0 : j > i || x >= 0)))),
      [],
    );
  }));
});

Deno.test("qr() has the right derivatives for tall, square and wide matrices", () => {
  const tall = [[1, 2], [0.5, -1], [3, 0.2]];
  const square = [[0, 2, 1], [3, 0, -1], [1, 1, 1]];
  const wide = [[1, 2, 0.5], [-1, 3, 0.2]];
  for (const rows of [tall, square, wide]) {
    const f = (x: Variable): Variable => {
      const { q, r } = qr(x);
      return q.sin().sum().add(r.cos().sum());
    };
    checkGradients((x) => f(x!), [rows]);
    checkGradients((x) => grad(f)(x!).sin().sum(), [rows], { tolerance: 1e-5 });
  }
  assertThrows(
    () => grad((x: Variable) => qr(x).r.sum())(constant([[1, 0], [2, 0]])),
    RangeError,
    "pivot 1 is 0",
  );
  assertThrows(() => qr([1, 2]), TypeError, "Cannot take the QR decomposition: the operand has shape [2]");
});

Deno.test("eigh() gives ascending values and orthonormal vectors that rebuild the matrix", () => {
  fc.assert(fc.property(anyMatrices, (a) => {
    const x = matmul(a, swapLast(constant(a)));
    const scale = Math.max(...x.data.map(Math.abs)) || 1;
    const { values, vectors } = eigh(x);
    const n = x.shape[1]!;
    assertClose(matmul(swapLast(vectors), vectors), [identity(n), identity(n)], 1e-13);
    const rebuilt = matmul(vectors.mul(values.reshape([2, 1, n])), swapLast(vectors));
    assertClose(rebuilt.div(scale), x.div(scale), 1e-13);
    (values.value as number[][]).forEach((v) =>
      assertEquals(v.filter((w, i) => !(i === 0 || w >= v[i - 1]!)), [])
    );
  }));
});

Deno.test("eigh() of the second difference matrix has its known values", () => {
  const n = 12;
  const rows = identity(n).map((row, i) => row.map((_, j) => i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0));
  const expected = Array.from({ length: n }, (_, k) => 2 - 2 * Math.cos((k + 1) * Math.PI / (n + 1)));
  assertClose(eigh(rows).values, expected, 1e-14);
  assertClose(eigh([[2e200, 1e200], [1e200, 2e200]]).values.div(1e200), [1, 3], 1e-15);
  assertClose(eigh([[2e-200, 1e-200], [1e-200, 2e-200]]).values.div(1e-200), [1, 3], 1e-15);
  const h = Math.SQRT1_2;
  assertClose(eigh([[2, 1], [1, 2]]).vectors, [[h, h], [-h, h]], 1e-15);
});

Deno.test("eigh() has a symmetric derivative, right to the second order", () => {
  const f = (x: Variable): Variable => {
    const { values, vectors } = eigh(x);
    return values.sin().sum().add(vectors.mul([[1, 2, 3], [4, 5, 6], [7, 8, 10]]).sum());
  };
  checkGradients((x) => f(x!), [SYMMETRIC]);
  checkGradients((x) => grad(f)(x!).sin().sum(), [SYMMETRIC], { tolerance: 1e-5 });
});

Deno.test("eigh() has finite derivatives of equal eigenvalues, and infinite ones of their vectors", () => {
  const twice = constant([[2, 0, 0], [0, 2, 0], [0, 0, 5]]);
  assertClose(grad((x: Variable) => eigh(x).values.square().sum())(twice), [[4, 0, 0], [0, 4, 0], [
    0,
    0,
    10,
  ]]);
  const byVectors = grad((x: Variable) => eigh(x).vectors.mul([[1, 2, 3], [4, 5, 6], [7, 8, 9]]).sum())(
    twice,
  );
  assert(!byVectors.data.every(Number.isFinite), String(byVectors));
  assertEquals(eigh(new NdArray(new Float64Array(0), [0, 0])).values.value, []);
  assertThrows(() => eigh([[1, 2]]), TypeError, "Cannot take the eigenvalues: the operand has shape [1, 2]");
});

Deno.test("svd() gives descending values and orthonormal vectors that rebuild the matrix", () => {
  fc.assert(fc.property(anyMatrices, (a) => {
    const { u, s, v } = svd(a);
    const k = Math.min(...a.shape.slice(1));
    const scale = Math.max(...a.data.map(Math.abs)) || 1;
    assertClose(matmul(swapLast(u), u), [identity(k), identity(k)], 1e-12);
    assertClose(matmul(swapLast(v), v), [identity(k), identity(k)], 1e-12);
    assertClose(matmul(u.mul(s.reshape([2, 1, k])), swapLast(v)).div(scale), constant(a).div(scale), 1e-13);
    (s.value as number[][]).forEach((w) =>
      assertEquals([...w].filter((x, i) => !(x >= 0 && (i === 0 || x <= w[i - 1]!))), [])
    );
  }));
});

Deno.test("svd() of known matrices", () => {
  assertEquals(singularValues([[0, 2], [3, 0]]).value, [3, 2]);
  // The golden ratio and its inverse.
  assertClose(singularValues([[1, 1], [0, 1]]), [(1 + Math.sqrt(5)) / 2, (Math.sqrt(5) - 1) / 2], 1e-15);
  assertEquals(singularValues([[0, 0], [0, 0]]).value, [0, 0]);
  const tiny = singularValues([[1, 0], [0, 1e-200]]).value as number[];
  assertEquals(tiny, [1, 1e-200]);
  assertEquals(singularValues([[0, 1e200], [1e200, 0]]).value, [1e200, 1e200]);
  assertClose(singularValues([[3e-310, 4e-310], [0, 0]]).mul(1e300).mul(1e10), [5, 0]);
  assertThrows(() => svd([1, 2]), TypeError, "Cannot take the singular values: the operand has shape [2]");
});

Deno.test("svd() has the right derivatives for tall, square and wide matrices", () => {
  const tall = [[1, 2], [0.5, -1], [3, 0.2]];
  const square = [[0, 2, 1], [3, 0, -1], [1, 1, 1]];
  const wide = [[1, 2, 0.5], [-1, 3, 0.2]];
  for (const rows of [tall, square, wide]) {
    const f = (x: Variable): Variable => {
      const { u, s, v } = svd(x);
      return u.sin().sum().add(s.cos().sum()).add(v.mul(v.exp()).sum());
    };
    checkGradients((x) => f(x!), [rows]);
    checkGradients((x) => grad(f)(x!).sin().sum(), [rows], { tolerance: 1e-5 });
  }
});

Deno.test("singularValues() has finite derivatives at equal values and at 0", () => {
  const g = grad((x: Variable) => singularValues(x).sum());
  assertClose(g(constant([[2, 0], [0, 2]])), [[1, 0], [0, 1]]);
  for (const rows of [[[1, 1], [1, 1]], [[0, 0], [0, 0], [0, 0]]]) {
    const slopes = g(constant(rows));
    assert(slopes.data.every(Number.isFinite), String(slopes));
  }
  // The sum of squares is that of the elements, whatever the rank.
  const squares = grad((x: Variable) => singularValues(x).square().sum());
  assertClose(squares(constant([[1, 1], [1, 1], [2, 2]])), [[2, 2], [2, 2], [4, 4]]);
});

Deno.test("decompositions keep float32", () => {
  const x = constant(SYMMETRIC, { dtype: "float32" });
  const results = [cholesky(x), ...Object.values(qr(x)), ...Object.values(eigh(x)), ...Object.values(svd(x))];
  for (const result of results) assertEquals(result.dtype, "float32");
  assertEquals(grad((y: Variable) => eigh(y).vectors.sum())(x).dtype, "float32");
  assertClose(trace(x).sub(eigh(x).values.sum()).reshape([1]), [0], 1e-5);
});
