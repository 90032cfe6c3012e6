/** Products outside of compiled functions by a native library: beside those by the kernels. */
import { assert, assertEquals } from "@std/assert";
import { compile, conv2d, type DType, grad, scan, useBlas, type Variable, whileLoop } from "../../../mod.ts";
import type { Shape } from "../../../src/array/shape.ts";
import { countProducts, distance, random, ROUNDING, testWithBlas } from "./_library.ts";

/** Runs something while the library is used, and says how many products that computes. */
function natively<R>(name: string, run: () => R): { readonly result: R; readonly products: number } {
  assertEquals(useBlas(name), name);
  let result: R | undefined;
  try {
    const products = countProducts(() => result = run());
    return { result: result!, products };
  } finally {
    useBlas(false);
  }
}

type Product = (x: Variable, y: Variable) => Variable;

const CASES: readonly (readonly [name: string, x: Shape, y: Shape, products: number, f: Product])[] = [
  ["two matrices", [40, 70], [70, 50], 1, (x, y) => x.matmul(y)],
  ["matrices transposed", [70, 40], [50, 70], 1, (x, y) => x.transpose().matmul(y.transpose())],
  ["a batch", [5, 30, 40], [5, 40, 30], 5, (x, y) => x.matmul(y)],
  ["a batch without equal steps", [4, 1, 30, 40], [1, 3, 40, 30], 12, (x, y) => x.matmul(y)],
  ["a batch with one right matrix", [5, 30, 40], [40, 30], 1, (x, y) => x.matmul(y)],
  ["matrices that are too small", [8, 9], [9, 8], 0, (x, y) => x.matmul(y)],
  ["an empty batch", [0, 30, 40], [0, 40, 30], 0, (x, y) => x.matmul(y)],
  [
    "larger matrices than pass through the memory at once",
    [1500, 1100],
    [1100, 1300],
    1,
    (x, y) => x.matmul(y),
  ],
];

for (const dtype of ["float32", "float64"] as readonly DType[]) {
  for (const [name, xShape, yShape, count, f] of CASES) {
    testWithBlas(`outside of compiled functions a library multiplies ${name} of ${dtype}`, (blas) => {
      const [x, y] = [random(xShape, dtype, 1), random(yShape, dtype, 2)];
      const { result, products } = natively(blas.name, () => f(x, y));
      assertEquals(products, count);
      assert(distance(result, f(x, y)) < ROUNDING[dtype]);
    });
  }

  testWithBlas(
    `outside of compiled functions a library convolves images of ${dtype}, and goes back`,
    (blas) => {
      const [x, w] = [random([2, 13, 11, 32], dtype, 1), random([3, 3, 32, 40], dtype, 2)];
      const loss = (x: Variable, w: Variable): Variable =>
        conv2d(x, w, { strides: 2, padding: "same" }).square().sum();
      const run = () => grad(loss, { argnums: [0, 1] })(x, w) as unknown as [Variable, Variable];
      const { result, products } = natively(blas.name, run);
      assert(products >= 3);
      run().forEach((wanted, i) => assert(distance(result[i]!, wanted) < ROUNDING[dtype]));
    },
  );
}

testWithBlas("operands of two dtypes stay with the kernels", (blas) => {
  const [x, y] = [random([40, 70], "float32", 1), random([70, 50], "float64", 2)];
  const { result, products } = natively(blas.name, () => x.matmul(y));
  assertEquals([products, result.dtype], [0, "float64"]);
  assert(distance(result, x.matmul(y)) < ROUNDING.float64);
});

testWithBlas(
  "what is chosen for arrays is not chosen for compiled functions, nor the other way round",
  (blas) => {
    const f = (x: Variable): Variable => x.matmul(x);
    const x = random([64, 64], "float32", 1);
    assertEquals(natively(blas.name, () => compile(f)(x)).products, 0);
    const native = compile(f, { blas: blas.name });
    native(x);
    assertEquals(countProducts(() => f(x)), 0);
  },
);

testWithBlas("results that stay in the memory of a program are operands, too", (blas) => {
  const x = random([256, 256], "float32", 1);
  const kept = compile((x: Variable) => x.mul(2))(x);
  const { result, products } = natively(blas.name, () => kept.matmul(x));
  assertEquals(products, 1);
  assert(distance(result, x.mul(2).matmul(x)) < ROUNDING.float32);
});

testWithBlas(
  "the steps of loops outside of compiled functions, and back through them, go by what was chosen",
  (blas) => {
    const [w, x] = [random([40, 40], "float64", 1), random([3, 40, 40], "float64", 2)];
    const scanned = (w: Variable): Variable =>
      scan((h: Variable, x: Variable) => [h.matmul(w).add(x).tanh(), null] as const, w, x)[0].sum();
    const repeat = whileLoop(
      (s: { h: Variable; w: Variable }) => s.h.square().sum().lt(1e3),
      ({ h, w }: { h: Variable; w: Variable }) => ({ h: h.matmul(w).add(h), w }),
    );
    const repeated = (w: Variable): Variable => repeat({ h: w, w }).h.sum();
    for (
      const f of [scanned, repeated, grad(scanned), grad(repeated)] as readonly ((w: Variable) => Variable)[]
    ) {
      const wanted = f(w);
      const { result, products } = natively(blas.name, () => f(w));
      assert(products >= 2, `${products}`);
      assert(distance(result, wanted) < 1e-11);
      assertEquals(countProducts(() => f(w)), 0);
    }
  },
);
