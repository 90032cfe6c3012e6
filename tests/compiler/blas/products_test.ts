/** Products of compiled functions by a native library: beside the kernels, and beside running row by row. */
import { assert, assertEquals } from "@std/assert";
import { compile, type DType, grad, jvp, scan, type Variable, variable, vjp, zeros } from "../../../mod.ts";
import { allocateBlock, releaseBlock, sharedMemory } from "../../../src/compiler/wasm/linear_memory.ts";
import type { Shape } from "../../../src/array/shape.ts";
import { countProducts, distance, random, ROUNDING, testWithBlas } from "./_library.ts";

const DTYPES: readonly DType[] = ["float32", "float64"];

type Product = (x: Variable, y: Variable) => Variable;

const swapped = (x: Variable): Variable =>
  x.transpose([...Array.from({ length: x.rank - 2 }, (_, i) => i), x.rank - 1, x.rank - 2]);

/** What the operands are, and the product of them. */
const PRODUCTS: readonly (readonly [name: string, x: Shape, y: Shape, f: Product])[] = [
  ["two matrices", [40, 70], [70, 50], (x, y) => x.matmul(y)],
  ["sizes that fill no vector", [37, 41], [41, 53], (x, y) => x.matmul(y)],
  ["the left one transposed", [70, 40], [70, 50], (x, y) => x.transpose().matmul(y)],
  ["the right one transposed", [40, 70], [50, 70], (x, y) => x.matmul(y.transpose())],
  ["both transposed", [70, 40], [50, 70], (x, y) => x.transpose().matmul(y.transpose())],
  ["a single row", [1, 300], [300, 90], (x, y) => x.matmul(y)],
  ["a single column", [300, 90], [90, 1], (x, y) => x.matmul(y)],
  ["a single step of depth", [200, 1], [1, 90], (x, y) => x.matmul(y)],
  ["a batch", [5, 30, 40], [5, 40, 30], (x, y) => x.matmul(y)],
  ["a batch with one right matrix", [5, 30, 40], [40, 30], (x, y) => x.matmul(y)],
  ["a batch with one left matrix", [30, 40], [5, 40, 30], (x, y) => x.matmul(y)],
  ["a batch without equal steps", [4, 1, 30, 40], [1, 3, 40, 30], (x, y) => x.matmul(y)],
  ["a large batch without equal steps", [6, 1, 30, 40], [1, 5, 40, 30], (x, y) => x.matmul(y)],
  ["a batch transposed", [5, 40, 30], [5, 30, 40], (x, y) => swapped(x).matmul(swapped(y))],
];

for (const dtype of DTYPES) {
  for (const [name, xShape, yShape, f] of PRODUCTS) {
    testWithBlas(
      `a native product of ${dtype}, ${name}, is that of the kernels and that without compiling`,
      (blas) => {
        const [x, y] = [random(xShape, dtype, 1), random(yShape, dtype, 2)];
        const native = compile(f, { blas: "auto" });
        assert(native.lower(x, y).groups.includes(`matmul by ${blas.name}`));
        const found = native(x, y);
        assert(distance(found, f(x, y)) < ROUNDING[dtype]);
        assert(distance(found, compile(f)(x, y)) < ROUNDING[dtype]);
      },
    );
  }
}

testWithBlas("a product too small for the call stays with the kernels", (blas) => {
  const f = compile((x: Variable, y: Variable) => x.matmul(y), { blas: "auto" });
  const x = random([8, 8], "float32", 1);
  assert(!f.lower(x, x).groups.includes(blas.name));
});

testWithBlas(
  "with three threads a batch of small products is divided between the kernels, large ones are not",
  (blas) => {
    const text = (threads: number, n: number): string => {
      using f = compile((x: Variable, y: Variable) => x.matmul(y), { blas: "auto", threads });
      return f.lower(random([64, n, n], "float32", 1), random([64, n, n], "float32", 2)).groups;
    };
    assert(text(2, 40).includes(blas.name));
    assert(!text(3, 40).includes(blas.name));
    assert(text(3, 110).includes(blas.name));
  },
);

testWithBlas("derivatives of a function with native products obey <g, J d> = <J' g, d>", () => {
  const f = (x: Variable, y: Variable): Variable => x.matmul(y).tanh().matmul(x);
  const [x, y] = [random([40, 50], "float64", 1), random([50, 40], "float64", 2)];
  const [dx, dy] = [random([40, 50], "float64", 3), random([50, 40], "float64", 4)];
  const g = random([40, 50], "float64", 5);
  const forward = compile(
    (x: Variable, y: Variable, dx: Variable, dy: Variable) => jvp(f)([x, y], [dx, dy])[1],
    {
      blas: "auto",
    },
  );
  const backward = compile((x: Variable, y: Variable, g: Variable) => {
    const [, pullback] = vjp(f)(x, y);
    return pullback(g);
  }, { blas: "auto" });
  assert(backward.lower(x, y, g).groups.includes(" by "));
  const left = g.mul(forward(x, y, dx, dy)).sum().item();
  const [gx, gy] = backward(x, y, g) as unknown as [Variable, Variable];
  const right = gx.mul(dx).sum().add(gy.mul(dy).sum()).item();
  assert(Math.abs(left - right) < 1e-11 * Math.abs(left), `${left} and ${right}`);
});

testWithBlas("derivatives of the results of a compiled function are computed by its library, too", (blas) => {
  const f = (x: Variable): Variable => x.matmul(x).square().sum();
  const x = random([64, 64], "float32", 1);
  const w = variable(x.toArray());
  const result = compile(f, { blas: blas.name })(w);
  assertEquals(countProducts(() => result.backward()), 3);
  assert(distance(w.grad!, grad(f)(x)) < 1e-5);
});

testWithBlas("the step of a loop inside a program calls the library", (blas) => {
  const step = (w: Variable) => (h: Variable, x: Variable) => {
    const next = h.add(x).matmul(w).tanh();
    return [next, next.sum()] as const;
  };
  const f = (w: Variable, xs: Variable): Variable =>
    scan(step(w), zeros([32, 48], { dtype: "float32" }), xs)[1] as Variable;
  const [w, xs] = [random([48, 48], "float32", 1), random([40, 32, 48], "float32", 2)];
  const native = compile(f, { blas: blas.name });
  native(w, xs);
  let found: Variable | undefined;
  assertEquals(countProducts(() => found = native(w, xs)), 40);
  assert(distance(found!, f(w, xs)) < 1e-5);
});

testWithBlas("programs with and without a library are told apart", (blas) => {
  const f = (x: Variable): Variable => x.matmul(x);
  const x = random([64, 64], "float32", 1);
  const [plain, native] = [compile(f), compile(f, { blas: blas.name })];
  assertEquals(countProducts(() => plain(x)), 0);
  assertEquals(countProducts(() => native(x)), 1);
  const [w, v] = [variable(x.toArray()), variable(x.toArray())];
  assertEquals(countProducts(() => plain(w).sum().backward()), 0);
  assertEquals(countProducts(() => native(v).sum().backward()), 3);
  assertEquals(countProducts(() => plain(w).sum().backward()), 0);
});

testWithBlas("with several threads the first one calls the library, while loops are divided", (blas) => {
  const f = (x: Variable, y: Variable): Variable => x.matmul(y).tanh().mul(2).exp().matmul(y);
  const [x, y] = [random([600, 512], "float32", 1), random([512, 512], "float32", 2)];
  using native = compile(f, { blas: blas.name, threads: 2 });
  let found: Variable | undefined;
  assertEquals(countProducts(() => found = native(x, y)), 2);
  assert(distance(found!, f(x, y)) < 1e-5);
  assertEquals(native.stats()[0]!.threads, 2);
});

testWithBlas("programs find their memory when it has grown", (blas) => {
  const f = compile((x: Variable) => x.matmul(x), { blas: blas.name });
  const x = random([64, 64], "float32", 1);
  const before = f(x).toArray();
  const { buffer } = sharedMemory();
  const block = allocateBlock(buffer.byteLength + (1 << 24));
  assert(sharedMemory().buffer.byteLength > buffer.byteLength);
  assertEquals(f(x).toArray(), before);
  releaseBlock(block, buffer.byteLength + (1 << 24));
});
