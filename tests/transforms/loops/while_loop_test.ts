import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  compile,
  constant,
  grad,
  hvp,
  jvp,
  NdArray,
  scan,
  type Variable,
  variable,
  vjp,
  vmap,
  whileLoop,
} from "../../../mod.ts";

/** Newton's iteration for the square root: `[x, a]` until x no longer moves much. */
type Root = readonly [x: Variable, a: Variable];
const isFar = ([x, a]: Root): Variable => x.square().sub(a).abs().gt(1e-9);
const refine = ([x, a]: Root): Root => [x.add(a.div(x)).mul(0.5), a];
const root = whileLoop(isFar, refine);
const squareRoot = (a: Variable): Variable => root([constant(1), a])[0];

Deno.test("whileLoop() runs until its state says so, also not at all", () => {
  assertAlmostEquals(squareRoot(constant(2)).item(), Math.SQRT2, 1e-9);
  assertEquals(root([constant(3), constant(9)])[0].item(), 3);
});

Deno.test("whileLoop() has the derivative of its steps, backwards and forwards", () => {
  assertAlmostEquals(grad(squareRoot)(2), 0.5 / Math.SQRT2, 1e-6);
  const [, tangent] = jvp(squareRoot)([2], [3]);
  assertAlmostEquals(tangent.item(), 1.5 / Math.SQRT2, 1e-6);
  assertEquals(grad((a: Variable) => root([constant(3), a])[0])(9), 0);
});

Deno.test("whileLoop() can be differentiated again", () => {
  const want = -0.25 * 2 ** -1.5;
  assertAlmostEquals(grad((a: Variable) => grad(squareRoot)(a))(2), want, 1e-4);
  assertAlmostEquals(hvp(squareRoot)(2, 1), want, 1e-4);
  assertAlmostEquals(jvp((a: Variable) => jvp(squareRoot)([a], [1])[1])([2], [1])[1].item(), want, 1e-4);
});

Deno.test("whileLoop() takes arrays, more than one signature, and gives the derivative of every part", () => {
  const shrink = whileLoop(
    ({ x }: { x: Variable; rate: Variable }) => x.square().sum().gt(1),
    ({ x, rate }) => ({ x: x.mul(rate), rate }),
  );
  for (const start of [[3, 4], [1, 2, 2]]) {
    const f = (x: Variable, rate: Variable): Variable => shrink({ x, rate }).x;
    const size = Math.hypot(...start);
    const steps = Math.ceil(Math.log(size) / Math.log(2));
    const [y, pullback] = vjp(f)(start, 0.5);
    assertEquals(y.value, start.map((x) => x * 0.5 ** steps));
    const [dx, rate] = pullback(start.map(() => 1));
    assertEquals(dx, start.map(() => 0.5 ** steps));
    assertAlmostEquals(rate, start.reduce((a, b) => a + b) * steps * 0.5 ** (steps - 1), 1e-12);
  }
});

Deno.test("whileLoop() is one program inside compile(), however many steps it takes, with all its derivatives", () => {
  const derivative = grad(squareRoot) as unknown as (a: Variable) => Variable;
  const tangent = (a: Variable): Variable => jvp(squareRoot)([a], [a.mul(2)])[1] as Variable;
  for (const f of [squareRoot, derivative, tangent]) {
    const compiled = compile(f);
    for (const a of [2, 3, 1, 50, 1e6]) {
      const [found, wanted] = [compiled(constant(a)).item(), f(constant(a)).item()];
      assertAlmostEquals(found, wanted, 1e-12 * Math.abs(wanted));
    }
    assertEquals(compiled.stats().length, 1);
  }
});

Deno.test("whileLoop() inside compile() takes what its step captures, in both dtypes, with derivatives by it", () => {
  for (const dtype of ["float64", "float32"] as const) {
    const f = (x: Variable, rate: Variable): Variable => {
      const table = constant([0.5, 0.25, 0.125], { dtype });
      const [y, count] = whileLoop(
        ([y]: readonly [Variable, Variable]) => y.square().sum().lt(100),
        ([y, n]) => [y.mul(rate).add(table), n.add(1)] as const,
      )([x, constant(0)]);
      return y.sum().mul(count);
    };
    const unrolled = (x: Variable, rate: Variable): Variable => {
      let n = 0;
      for (; Array.from(x.data).reduce((sum, v) => sum + v * v, 0) < 100; n++) {
        x = x.mul(rate).add(constant([0.5, 0.25, 0.125], { dtype }));
      }
      return x.sum().mul(n);
    };
    const both = (g: typeof f) => (x: Variable, rate: Variable) =>
      grad(g, { argnums: [0, 1] })(x, rate) as unknown as [Variable, Variable];
    const compiled = compile(both(f));
    for (const start of [[1, 2, 3], [0.1, 0.1, 0.1], [20, 0, 0]]) {
      const args = [constant(start, { dtype }), constant(1.5, { dtype })] as const;
      const [dx, rate] = compiled(...args);
      const [wantedX, wantedRate] = both(unrolled)(...args);
      const tolerance = dtype === "float64" ? 1e-10 : 1e-2;
      dx.data.forEach((value, i) => assertAlmostEquals(value, wantedX.data[i]!, tolerance));
      assertAlmostEquals(
        rate.item(),
        wantedRate.item(),
        tolerance * Math.max(1, Math.abs(wantedRate.item())),
      );
      assertEquals([dx.dtype, rate.dtype], [dtype, dtype]);
    }
    assertEquals(compiled.stats().length, 1);
  }
});

Deno.test("whileLoop() works in the middle of a compiled program, and in a step of scan()", () => {
  const f = (x: Variable, w: Variable): Variable => {
    const before = x.matmul(w).tanh();
    const [, roots] = scan(
      (s: Variable, row: Variable) => {
        const [root] = whileLoop(
          ([r, a]: readonly [Variable, Variable]) => r.square().sub(a).abs().max().gt(1e-10),
          ([r, a]) => [r.add(a.div(r)).mul(0.5), a] as const,
        )([row.square().add(1), row.square().add(1)]);
        return [s.add(root), root] as const;
      },
      constant([0, 0, 0]),
      before,
    );
    return roots.matmul(w).mul(before).sum();
  };
  const x = constant(Array.from({ length: 12 }, (_, i) => [Math.sin(i), Math.cos(i), 0.3 * i]));
  const w = constant([[0.3, 0.1, -0.2], [0.5, -0.4, 0.2], [0.1, 0.2, 0.3]]);
  const wanted = grad(f)(x, w) as unknown as Variable;
  const found = compile((x: Variable, w: Variable) => [f(x, w), grad(f)(x, w) as unknown as Variable])(x, w);
  assertAlmostEquals(found[0]!.item(), f(x, w).item(), 1e-9);
  found[1]!.data.forEach((value, i) => assertAlmostEquals(value, wanted.data[i]!, 1e-7));
});

Deno.test("the derivative of the derivative of whileLoop() inside compile() records its steps one by one", () => {
  const second = compile((a: Variable) =>
    grad((b: Variable) => grad(squareRoot)(b) as Variable)(a) as Variable
  );
  assertAlmostEquals(second(constant(2)).item(), -0.25 * 2 ** -1.5, 1e-4);
  assertAlmostEquals(second(constant(50)).item(), -0.25 * 50 ** -1.5, 1e-4);
});

Deno.test("whileLoop() refuses what its recording could not serve", () => {
  const w = variable(2);
  const captures = whileLoop((x: Variable) => x.lt(10), (x) => x.mul(w));
  assertThrows(() => captures(constant(1)), TypeError, "a Variable that is not in its state");
  const reads = whileLoop((x: Variable) => x.lt(10), (x) => x.item() > 3 ? x.add(1) : x.add(2));
  assertThrows(() => reads(constant(1)), TypeError, "Cannot read");
  const grows = whileLoop((x: Variable) => x.sum().lt(10), (x) => x.add(new NdArray(new Float64Array(2))));
  assertThrows(() => grows(constant(1)), TypeError, "must return a state like the one it takes");
});

Deno.test("whileLoop() whose condition is NaN is an error that says after how many steps", () => {
  const loop = whileLoop((x: Variable) => x, (x: Variable) => x.sub(1).sqrt().mul(0.5));
  for (const run of [loop, compile(loop), grad(loop) as unknown as typeof loop]) {
    assertThrows(() => run(constant(2)), RangeError, "the condition is NaN after 2 steps");
    assertThrows(() => run(constant(NaN)), RangeError, "the condition is NaN after 0 steps");
  }
});

Deno.test("whileLoop() whose step branches on a value takes the steps one by one", () => {
  const collatz = whileLoop(
    ({ x }: { x: Variable; n: Variable }) => x.ne(1),
    ({ x, n }) => ({ x: x.mod(2).truthy() ? x.mul(3).add(1) : x.mul(0.5), n: n.add(1) }),
  );
  const steps = (x: number): number => collatz({ x: constant(x), n: constant(0) }).n.item();
  assertEquals([1, 6, 7, 27].map(steps), [0, 8, 16, 111]);
  assertEquals(grad((x: Variable) => collatz({ x, n: constant(0) }).x)(6), 3 * 3 / 2 ** 6);
});

Deno.test("vmap() runs whileLoop() until it has ended for all examples, with derivatives of each", () => {
  const newton = whileLoop(
    ([x, a]: Root) => x.square().sub(a).abs().gt(1e-12),
    ([x, a]) => [x.add(a.div(x)).mul(0.5), a] as const,
  );
  const root = (a: Variable): Variable => newton([a, a])[0];
  const batch = [4, 9, 2, 3, 100];
  const roots = batch.map(Math.sqrt);
  const close = (found: Variable, expected: readonly number[]): void => {
    assertEquals(found.shape, [expected.length]);
    found.data.forEach((x, i) => assertAlmostEquals(x, expected[i]!, 1e-9));
  };
  const each = vmap(root);
  close(each(batch) as Variable, roots);
  close(compile((a: Variable) => each(a) as Variable)(constant(batch)), roots);
  close(grad((a: Variable) => (each(a) as Variable).sum())(constant(batch)), roots.map((r) => 0.5 / r));
  close(
    vmap(grad(root) as (a: Variable) => Variable)(constant(batch)) as Variable,
    roots.map((r) => 0.5 / r),
  );
  const tangents = vmap((a: Variable, t: Variable) => jvp(root)([a], [t])[1] as Variable)(batch, [
    1,
    2,
    3,
    4,
    5,
  ]);
  close(tangents as Variable, roots.map((r, i) => 0.5 * (i + 1) / r));
  const halve = whileLoop((x: Variable) => x.square().sum().gt(1), (x: Variable) => x.mul(0.5));
  const rows = [[3, 4], [0.1, 0.2], [100, 0]];
  const expected = rows.map((row) => halve(constant(row)).value);
  assertEquals((vmap(halve)(rows) as Variable).value, expected);
  assertEquals((vmap(vmap(halve))([rows, rows]) as Variable).value, [expected, expected]);
});

Deno.test("vmap() runs scan() for each example, with derivatives", () => {
  const decay = (rate: Variable, xs: Variable): Variable =>
    scan((s: Variable, x: Variable) => [s.mul(rate).add(x), s] as const, constant(0), xs)[0];
  const xs = Array.from({ length: 12 }, (_, i) => i % 5 - 1);
  const rates = [0.5, -0.2, 0.9];
  const each = vmap(decay, { inAxes: [0, null] });
  const slopes = vmap(grad(decay) as typeof decay, { inAxes: [0, null] })(rates, xs) as Variable;
  (each(rates, xs) as Variable).data.forEach((y, i) =>
    assertAlmostEquals(y, decay(constant(rates[i]!), constant(xs)).item(), 1e-12)
  );
  slopes.data.forEach((y, i) =>
    assertAlmostEquals(y, grad((r: Variable) => decay(r, constant(xs)))(rates[i]!), 1e-12)
  );
});
