import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertExists,
  assertGreater,
  assertInstanceOf,
  assertLess,
  assertLessOrEqual,
  assertThrows,
} from "@std/assert";
import { NdArray } from "../../../src/array/nd_array.ts";
import { leastSquares } from "../../../src/optim/mod.ts";
import { grad } from "../../../src/transforms/mod.ts";
import { concat } from "../../../src/functions/mod.ts";
import { constant, type Variable } from "../../../src/variable/mod.ts";

Deno.test("leastSquares() finds a straight line and its errors in closed form", () => {
  const t = constant([0, 1, 2, 3]);
  const { x, cost, covariance, standardErrors, residuals, jacobian } = leastSquares(
    ({ slope, offset }: { slope: Variable; offset: Variable }) => slope.mul(t).add(offset).sub([1, 3, 4, 8]),
    { slope: 0, offset: 0 },
  );
  // Sums: t 6, t^2 14, y 16, t y 35.
  assertAlmostEquals(x.slope, 2.2, 1e-14);
  assertAlmostEquals(x.offset, 0.7, 1e-14);
  assertAlmostEquals(2 * cost, 0.09 + 0.01 + 1.21 + 0.49, 1e-13);
  const variance = 1.8 / 2;
  assertAlmostEquals(standardErrors!.slope, Math.sqrt(variance / 5), 1e-13);
  assertAlmostEquals(standardErrors!.offset, Math.sqrt(variance * 14 / 20), 1e-13);
  assertAlmostEquals(covariance!.data[1]!, -variance * 6 / 20, 1e-13);
  assertAlmostEquals(residuals.data[2]!, 1.1, 1e-13);
  assertEquals(jacobian.toNested(), [[0, 1], [1, 1], [2, 1], [3, 1]]);
});

Deno.test("leastSquares() solves Rosenbrock's function as two residuals", () => {
  const residuals = ({ x, y }: { x: Variable; y: Variable }) =>
    concat([y.sub(x.square()).mul(10).reshape([1]), x.neg().add(1).reshape([1])]);
  const { x, cost, reason, standardErrors, covariance } = leastSquares(residuals, { x: -1.2, y: 1 });
  assertEquals([x, cost, reason], [{ x: 1, y: 1 }, 0, "gradient within tolerance"]);
  assertEquals([standardErrors, covariance], [null, null]);
});

Deno.test("leastSquares() goes to the singular minimum of Powell's function", () => {
  const residuals = (x: Variable) => {
    const [a, b, c, d] = [0, 1, 2, 3].map((i) => x.slice(i, 1)) as [Variable, Variable, Variable, Variable];
    const root = Math.sqrt;
    return concat([
      a.add(b.mul(10)),
      c.sub(d).mul(root(5)),
      b.sub(c.mul(2)).square(),
      a.sub(d).square().mul(root(10)),
    ]);
  };
  const { x, converged, reason } = leastSquares(residuals, [3, -1, 0, 1]);
  assert(converged, reason);
  x.forEach((value) => assertAlmostEquals(value, 0, 1e-7));
});

Deno.test("leastSquares() gives parameters and errors in the form of the start", () => {
  const y = [1, 2, 4, 4, 6];
  const t = [0, 1, 2, 3, 4];
  const model = (c: readonly Variable[]) => c[0]!.add(c[1]!.reshape([]).mul(t)).sub(y);
  const { x, standardErrors, gradient } = leastSquares(
    ({ c }: { c: readonly [Variable, Variable] }) => model(c),
    { c: [constant(0), constant([0])] as const },
  );
  assertAlmostEquals(x.c[0].item(), 1, 1e-14);
  assertEquals(x.c[1].shape, [1]);
  assertEquals(standardErrors!.c[1].shape, [1]);
  assertEquals(gradient.c[0].shape, []);
  const typed = leastSquares((b: Variable) => b.mul(t).sub(y), new Float32Array([1])).x;
  assertInstanceOf(typed, Float32Array);
  assertAlmostEquals(typed[0]!, 46 / 30, 1e-7);
  const array = leastSquares((b: Variable) => b.mul(t).sub(y), new NdArray(new Float32Array([1]))).x;
  assertEquals([array.dtype, array.shape], ["float32", [1]]);
});

Deno.test("leastSquares() weighs unlike scales alike", () => {
  const t = constant(Array.from({ length: 30 }, (_, i) => i / 10));
  const truth = t.mul(-0.7).exp().mul(3e8).add(t.mul(2e8));
  const { x, covariance } = leastSquares(
    ({ a, k, b }: { a: Variable; k: Variable; b: Variable }) =>
      t.mul(k.mul(1e6)).exp().mul(a).add(t.mul(b.mul(1e15))).sub(truth),
    { a: 1e8, k: 0, b: 0 },
  );
  assertAlmostEquals(x.a / 3e8, 1, 1e-9);
  assertAlmostEquals(x.k / -7e-7, 1, 1e-9);
  assertAlmostEquals(x.b / 2e-7, 1, 1e-9);
  assertExists(covariance);
});

Deno.test("leastSquares() has no covariance where parameters can't be told apart", () => {
  const t = constant([1, 2, 3]);
  const { x, covariance, standardErrors, converged, reason } = leastSquares(
    ({ a, b }: { a: Variable; b: Variable }) => a.add(b).mul(t).sub([2, 4, 7]),
    { a: 0, b: 0 },
  );
  assert(converged, reason);
  assertAlmostEquals(x.a + x.b, 31 / 14, 1e-14);
  assertEquals([covariance, standardErrors], [null, null]);
});

Deno.test("leastSquares() backs off from points where residuals or Jacobian are not finite", () => {
  // From 5, the first step leads below 0, where the logarithm is NaN.
  const { x, history, evaluations } = leastSquares((b: Variable) => b.log().reshape([1]), 5);
  assertAlmostEquals(x, 1, 1e-14);
  assertGreater(evaluations, history.length);
  assertEquals(history.filter(({ value }) => !Number.isFinite(value)), []);
  // At 0 the root is finite, its derivative is not.
  const root = leastSquares((b: Variable) => b.sqrt().sub(1).reshape([1]).mul([2]), 4, { maxIterations: 20 });
  assertAlmostEquals(root.x, 1, 1e-14);
});

Deno.test("leastSquares() never lets the cost grow by more than rounding", () => {
  const t = constant([0, 1, 2, 3, 4, 5]);
  const { history, cost, iterations } = leastSquares(
    ({ a, k }: { a: Variable; k: Variable }) => t.mul(k).exp().mul(a).sub([5, 3, 2, 1, 0.7, 0.3]),
    { a: -3, k: 0.5 },
  );
  assertEquals(history.length, iterations + 1);
  assertEquals(history.map((entry) => entry.iteration), history.map((_, i) => i));
  history.slice(1).forEach(({ value }, i) => assertLessOrEqual(value, history[i]!.value * (1 + 1e-12)));
  assertEquals(history.at(-1)!.value, cost);
});

Deno.test("leastSquares() stops where its callback or the number of iterations says so", () => {
  const t = constant([0, 1, 2, 3]);
  const fit = (b: Variable) => t.mul(b).exp().sub([1, 0.6, 0.4, 0.2]);
  const seen: number[] = [];
  const stopped = leastSquares(fit, 1, {
    callback: ({ iteration, x }) => {
      seen.push(x);
      return iteration === 2;
    },
  });
  assertEquals(
    [stopped.reason, stopped.converged, stopped.iterations],
    ["stopped by callback", false, 2],
  );
  assertEquals(seen[1], stopped.x);
  const limited = leastSquares(fit, 1, { maxIterations: 1 });
  assertEquals(limited.reason, "maximal number of iterations reached");
  assertEquals(limited.x, seen[0]);
  assertEquals(leastSquares(fit, 1, { maxIterations: 0 }).x, 1);
  const early = leastSquares(fit, 1, { valueTolerance: 1e-3 });
  assertEquals(early.reason, "change of value within tolerance");
  assertLess(early.iterations, leastSquares(fit, 1).iterations);
});

Deno.test("leastSquares() refuses what it can't fit", () => {
  const f = (b: Variable) => b.mul([1, 2]).sub(1);
  const cases: readonly [() => unknown, typeof TypeError | typeof RangeError, string][] = [
    [() => leastSquares(3 as never, 1), TypeError, "Cannot run leastSquares() on 3"],
    [() => leastSquares((b: Variable) => b, 1), TypeError, "not summed"],
    [() => leastSquares((b: Variable) => b.reshape([1, 1]), 1), TypeError, "shape [1, 1]; use reshape([-1])"],
    [() => leastSquares(() => [1, 2] as never, 1), TypeError, "it returned an array of 2"],
    [() => leastSquares((() => Promise.resolve(1)) as never, 1), TypeError, "await the data first"],
    [
      () => leastSquares((b: Variable) => b.slice(0, 2), [1, 2, 3]),
      TypeError,
      "2 residuals don't determine 3",
    ],
    [() => leastSquares(f, {} as never), TypeError, "it holds no numbers"],
    [() => leastSquares(f, "x" as never), TypeError, "inputs are Variables, numbers or arrays"],
    [() => leastSquares(f, NaN), RangeError, "its number 0 is NaN"],
    [() => leastSquares((b: Variable) => b.log().mul([1]), -1), RangeError, "residual 0 is NaN there"],
    [() => leastSquares((b: Variable) => b.sqrt().mul([1]), 0), RangeError, "the Jacobian"],
    [() => leastSquares(f, 1, { stepTolerance: -1 }), RangeError, "stepTolerance is -1"],
    [() => leastSquares(f, 1, { gradientTolerance: NaN }), RangeError, "gradientTolerance is NaN"],
    [() => leastSquares(f, 1, { maxIterations: 1.5 }), RangeError, "maxIterations is 1.5"],
  ];
  for (const [run, type, text] of cases) assertThrows(run, type, text);
  assertThrows(() => leastSquares(f, 1, { maxiter: 3 } as never), TypeError, "did you mean maxIterations?");
  assertThrows(() => leastSquares(f, 1, { callback: 3 } as never), TypeError, "use a function");
  assertThrows(
    () => leastSquares((b: Variable) => b.mul(b.item() === 1 ? [1, 1] : [1, 1, 1]), 1),
    TypeError,
    "residuals returned 2 numbers, then 3",
  );
});

Deno.test("leastSquares() says so where an enclosing grad() would go unseen", () => {
  const through = (s: Variable) => constant(leastSquares((b: Variable) => b.mul([1, 2]).sub(s), 1).x);
  assertThrows(() => grad(through)(2), TypeError, "stopGradient()");
  const besides = (s: Variable) => s.mul(leastSquares((b: Variable) => b.mul([1, 2]).sub([3, 6]), 1).x);
  assertAlmostEquals(grad(besides)(2), 3, 1e-14);
});

Deno.test("leastSquares() steps back from points where the residuals throw", () => {
  const residuals = (x: Variable) => {
    if (x.data[0]! > 3) throw new RangeError("no such place");
    return x.square().sub(2).mul([1, 2]);
  };
  const { x, converged } = leastSquares(residuals, 0.1);
  assertEquals(converged, true);
  assertAlmostEquals(x, Math.SQRT2, 1e-12);
  assertThrows(() => leastSquares(residuals, 4), RangeError, "no such place");
});

/** Penalty function II of Gill, Murray and Pitfield (1972). */
function penalty(x: Variable): Variable {
  const n = x.size;
  const exponentials = x.mul(0.1).exp();
  const [low, high] = [exponentials.slice(0, n - 1), exponentials.slice(1, n - 1)];
  const sums = Array.from({ length: n - 1 }, (_, i) => Math.exp((i + 2) / 10) + Math.exp((i + 1) / 10));
  return concat([
    x.slice(0, 1).sub(0.2),
    high.add(low).sub(sums).mul(Math.sqrt(1e-5)),
    high.sub(Math.exp(-0.1)).mul(Math.sqrt(1e-5)),
    x.square().mul(Array.from({ length: n }, (_, i) => n - i)).sum().sub(1).reshape([1]),
  ]);
}

for (const [n, least] of [[4, 9.37629e-6], [10, 2.93660e-4]] as const) {
  Deno.test(`leastSquares() stops where decreases are rounding only, penalty II of ${n} variables`, () => {
    const { cost, converged, iterations } = leastSquares(penalty, new Array<number>(n).fill(0.5));
    assertEquals(converged, true);
    assertAlmostEquals(2 * cost, least, 1e-5 * least);
    assertLess(iterations, 150);
  });
}
