import {
  assert,
  assertAlmostEquals,
  assertArrayIncludes,
  assertEquals,
  assertLess,
  assertThrows,
} from "@std/assert";
import {
  constant,
  grad,
  hessian,
  hvp,
  jacobian,
  jacobianForward,
  jacobianReverse,
  jacobianSparse,
  tape,
  type Variable,
  variable,
} from "../../../mod.ts";

const POINT = [0.3, -0.7, 1.1];
/** [3] -> [2, 2], with products, a reduction and a matrix product. */
const field = (x: Variable): Variable => {
  const outer = x.reshape([3, 1]).mul(x.exp());
  return outer.matmul(x.sin().reshape([3, 1])).mul(x.logSumExp()).slice([1, 0], [2, 1]).mul([[1, 2]]);
};

function closeTo(actual: Variable, expected: ArrayLike<number>, tolerance: number): void {
  const { data } = actual;
  assertEquals(data.length, expected.length);
  data.forEach((x, i) => assertAlmostEquals(x, expected[i]!, tolerance));
}

Deno.test("forwards, backwards and finite differences give the same Jacobian", () => {
  const forwards = jacobianForward(field)(POINT);
  const backwards = jacobianReverse(field)(POINT);
  assertEquals([forwards.shape, backwards.shape], [[2, 2, 3], [2, 2, 3]]);
  closeTo(forwards, backwards.data, 1e-14);
  closeTo(jacobian(field)(POINT), backwards.data, 1e-14);
  const differences = new Float64Array(12);
  POINT.forEach((x, k) => {
    const at = (h: number) => field(constant(POINT.map((v, i) => i === k ? x + h : v))).data;
    const [low, high] = [at(-1e-5), at(1e-5)];
    low.forEach((y, j) => differences[j * 3 + k] = (high[j]! - y) / 2e-5);
  });
  closeTo(forwards, differences, 1e-8);
  assertEquals(tape.length, 0);
});

Deno.test("a Jacobian of trees is a tree of trees, outputs outside, and f runs once", () => {
  let runs = 0;
  const f = ({ a, b }: { a: Variable; b: Variable }, c: number) => {
    runs++;
    return [a.mul(b).mul(c), { z: b.square() }] as const;
  };
  for (const transform of [jacobian, jacobianForward, jacobianReverse]) {
    runs = 0;
    const [y, { z }] = transform(f)({ a: [1, 2], b: 3 }, 10);
    assertEquals(y.a.value, [[30, 0], [0, 30]]);
    assertEquals(y.b.value, [10, 20]);
    assertEquals(z.a.value, [0, 0]);
    assertEquals(z.b.value, 6);
    assertEquals(runs, 1);
  }
});

Deno.test("jacobian() takes argnums and hasAux", () => {
  const f = (x: Variable, y: Variable) => x.mul(y);
  assertEquals(jacobian(f, { argnums: 1 })([1, 2], 3).value, [1, 2]);
  assertEquals(jacobian(f, { argnums: [0, 1] })([1, 2], 3).map((v) => v.value), [[[3, 0], [0, 3]], [1, 2]]);
  const [j, aux] = jacobian((x: Variable) => [x.square(), "beside"] as const, { hasAux: true })(3);
  assertEquals([j.value, aux], [6, "beside"]);
  assertThrows(() => jacobian(f, { argnums: 2 as 0 })(1, 2), RangeError, "argument 2");
});

Deno.test("Jacobians of nothing, of constants and of unused inputs are zeros", () => {
  for (const transform of [jacobianForward, jacobianReverse]) {
    assertEquals(transform((_: Variable) => constant([1, 2]))([1, 2, 3]).value, [[0, 0, 0], [0, 0, 0]]);
    assertEquals(transform((x: Variable) => x.slice(0, 0))([1, 2]).shape, [0, 2]);
    assertEquals(transform((x: Variable) => x)([1, 2]).value, [[1, 0], [0, 1]]);
    assertEquals(transform((x: Variable) => [x.sum(), x.sum()])([1, 2]).map((v) => v.value), [[1, 1], [
      1,
      1,
    ]]);
  }
});

Deno.test("hvp() equals the product with the explicit Hessian", () => {
  const f = (x: Variable): Variable => field(x).square().sum().log();
  const h = hessian(f)(POINT);
  const v = [0.4, 1.5, -0.2];
  closeTo(constant(hvp(f)(POINT, v)), h.matmul(v).data, 1e-12);
  const symmetric = h.sub(h.transpose());
  assertLess(symmetric.abs().max().item(), 1e-12);
});

Deno.test("hessian() of trees, with argnums and hasAux", () => {
  const h = hessian(({ a, b }: { a: Variable; b: Variable }) => a.mul(a).mul(b))({ a: 2, b: 3 });
  assertEquals([h.a.a.value, h.a.b.value, h.b.a.value, h.b.b.value], [6, 4, 4, 0]);
  const f = (x: Variable, y: Variable) => [x.square().mul(y), "beside"] as const;
  const [[[xx, xy], [yx, yy]], aux] = hessian(f, { argnums: [0, 1], hasAux: true })(2, 3);
  assertEquals([xx.value, xy.value, yx.value, yy.value, aux], [6, 4, 4, 0, "beside"]);
});

Deno.test("Jacobians nest and can be differentiated", () => {
  const f = (x: Variable): Variable => x.pow(3);
  const second = jacobian(jacobian(f))([1, 2]);
  assertEquals(second.shape, [2, 2, 2]);
  assertEquals(second.value, [[[6, 0], [0, 0]], [[0, 0], [0, 12]]]);
  assertEquals(grad((x: Variable) => jacobianForward(f)(x).sum())([1, 2]), [6, 12]);
  assertEquals(grad((x: Variable) => jacobianReverse(f)(x).sum())([1, 2]), [6, 12]);
  const w = variable([1, 2]);
  jacobian((x: Variable) => x.mul(w))(constant([3, 4])).square().sum().backward();
  assertEquals([w.grad?.value, tape.length], [[2, 4], 0]);
});

Deno.test("jacobianSparse() walks as few directions as the pattern allows", () => {
  const n = 200;
  const tridiagonal = (x: Variable): Variable => {
    const inner = x.slice(1, n - 2);
    return inner.mul(-2).add(x.slice(0, n - 2)).add(x.slice(2, n - 2)).mul(inner.exp());
  };
  const x = Float64Array.from({ length: n }, (_, i) => Math.sin(i));
  const sparse = jacobianSparse(tridiagonal)(x);
  assertEquals([sparse.directions, sparse.rows.length, sparse.shape], [3, 3 * (n - 2), [n - 2, n]]);
  closeTo(sparse.toDense(), jacobian(tridiagonal)(x).data, 0);
  // An arrow: the first row is full, so rows are joined and not columns.
  const arrow = (y: Variable): Variable => y.mul(2).add(y.sum().mul([1, 0, 0, 0, 0]));
  const joined = jacobianSparse(arrow)([1, 2, 3, 4, 5]);
  assertEquals(joined.directions, 2);
  closeTo(joined.toDense(), jacobian(arrow)([1, 2, 3, 4, 5]).data, 0);
});

Deno.test("jacobianSparse() follows reductions, products and trees, and never leaves out an element", () => {
  const f = ({ a, b }: { a: Variable; b: Variable }) => {
    const rows = a.reshape([2, 3]);
    return [
      rows.max({ axis: 1 }).mul(b),
      rows.matmul([[1, 0], [0, 0], [0, 2]]).reshape([4]),
      rows.softmax().transpose().reshape([6]).sum(),
      a.gather([5, 0]).square(),
      // A product of what varies with itself: an element that is 0 here may be another time.
      rows.matmul(rows.transpose()).reshape([4]),
    ];
  };
  const at = { a: [1, 0, 2, 5, 4, 3], b: [2, 3] };
  const dense = jacobian(f)(at);
  const expected = dense.flatMap(({ a, b }) => {
    const [rowsA, rowsB] = [a.reshape([-1, 6]).value, b.reshape([-1, 2]).value] as number[][][];
    return rowsA!.map((row, i) => [...row, ...rowsB![i]!]);
  });
  const sparse = jacobianSparse(f)(at);
  assertEquals(sparse.toDense().value, expected);
  const stored = new Set(Array.from(sparse.rows, (row, k) => `${row},${sparse.columns[k]}`));
  const places = expected.flatMap((row, i) => row.flatMap((v, j) => v === 0 ? [] : [`${i},${j}`]));
  assertArrayIncludes([...stored], places);
  assert(stored.has("9,1"), "the zero in the product of rows is stored");
  assert(!stored.has("0,3"), "the maximum of the first row does not depend on the second");
});

Deno.test("jacobianSparse() takes a pattern, and can be differentiated", () => {
  const f = (x: Variable): Variable => x.pow(3);
  const { rows, columns } = jacobianSparse(f)([1, 2]);
  assertEquals([[...rows], [...columns]], [[0, 1], [0, 1]]);
  assertEquals(jacobianSparse(f, { pattern: { rows, columns } })([3, 4]).values.value, [27, 48]);
  assertEquals(grad((x: Variable) => jacobianSparse(f)(x).values.sum())([1, 2]), [6, 12]);
  assertThrows(
    () => jacobianSparse(f, { pattern: { rows: [2], columns: [0] } })([1, 2]),
    RangeError,
    "element 0 lies at [2, 0]",
  );
  assertThrows(
    () => jacobianSparse(f, { pattern: { rows: [1], columns: [] } })([1, 2]),
    TypeError,
    "one of each",
  );
  assertEquals(jacobianSparse((_: Variable) => constant([1]))([1, 2]).toDense().value, [[0, 0]]);
});
