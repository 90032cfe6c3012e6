import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertInstanceOf,
  assertLess,
  assertLessOrEqual,
  assertThrows,
} from "@std/assert";
import { NdArray } from "../../../src/array/nd_array.ts";
import { minimize, type MinimizeOptions } from "../../../src/optim/mod.ts";
import { grad } from "../../../src/transforms/mod.ts";
import { cholesky, diagonal, eye } from "../../../src/functions/mod.ts";
import { constant, stopGradient, type Variable, variable } from "../../../src/variable/mod.ts";

const METHODS = ["lbfgs", "newton-cg"] as const;

/** The chained function of Rosenbrock (1960), least at ones. */
function rosenbrock(x: Variable): Variable {
  const [a, b] = [x.slice(0, x.size - 1), x.slice(1, x.size - 1)];
  return b.sub(a.square()).square().mul(100).add(a.sub(1).square()).sum();
}

/** Beale (1958), least at (3, 0.5). */
function beale({ x, y }: { x: Variable; y: Variable }): Variable {
  return [1.5, 2.25, 2.625]
    .map((c, i) => y.pow(i + 1).sub(1).mul(x).add(c).square())
    .reduce((sum, part) => sum.add(part));
}

/** Powell (1962), least at zeros, where the Hessian is singular. */
function powell({ a, b, c, d }: { [name in "a" | "b" | "c" | "d"]: Variable }): Variable {
  return a.add(b.mul(10)).square().add(c.sub(d).square().mul(5)).add(b.sub(c.mul(2)).pow(4))
    .add(a.sub(d).pow(4).mul(10));
}

for (const method of METHODS) {
  for (const n of [2, 100]) {
    Deno.test(`${method} minimises Rosenbrock's function of ${n} variables`, () => {
      const { x, value, converged, reason } = minimize(
        rosenbrock,
        new Float64Array(n),
        {
          method,
        },
      );
      assert(converged, reason);
      assertAlmostEquals(value, 0, 1e-16);
      assertEquals(x.length, n);
      x.forEach((value) => assertAlmostEquals(value, 1, 1e-7));
    });
  }

  Deno.test(`${method} minimises Beale's function`, () => {
    const { x, gradient, reason } = minimize(beale, { x: 1, y: 1 }, { method });
    assertEquals(reason, "gradient within tolerance");
    assertAlmostEquals(x.x, 3, 1e-7);
    assertAlmostEquals(x.y, 0.5, 1e-7);
    assertLessOrEqual(Math.abs(gradient.x), 1e-8);
  });

  Deno.test(`${method} goes to the singular minimum of Powell's function`, () => {
    const { x, value, converged, reason } = minimize(powell, { a: 3, b: -1, c: 0, d: 1 }, { method });
    assert(converged, reason);
    assertLess(value, 1e-10);
    Object.values(x).forEach((value) => assertAlmostEquals(value, 0, 2e-3));
  });

  Deno.test(`${method} minimises an ill-conditioned quadratic`, () => {
    const weights = Array.from({ length: 20 }, (_, i) => 10 ** (i * 4 / 19));
    const f = (x: Variable) => x.sub(1).square().mul(weights).sum().mul(0.5).sub(3);
    const { x, value, converged, reason } = minimize(f, new Float64Array(20), { method });
    assert(converged, reason);
    assertAlmostEquals(value, -3, 1e-14);
    x.forEach((value) => assertAlmostEquals(value, 1, 1e-7));
  });

  Deno.test(`${method} backs off from points where the function is not finite`, () => {
    const f = (x: Variable) => x.sub(x.log());
    for (const start of [1e-3, 0.5, 40]) {
      const { x, history, converged, reason } = minimize(f, start, { method });
      assert(converged, reason);
      assertAlmostEquals(x, 1, 1e-7);
      assertEquals(
        history.filter(({ value, gradientNorm }) =>
          !(Number.isFinite(value) && Number.isFinite(gradientNorm))
        ),
        [],
      );
    }
    // Least beside the edge of where it is defined: steps there keep leading out.
    const edge = minimize((x: Variable) => x.sub(x.sub(1).log().mul(1e-6)), 3, { method });
    assertAlmostEquals(edge.x, 1 + 1e-6, 1e-12);
  });

  Deno.test(`${method} passes a region that curves downwards`, () => {
    const { x, value, converged, reason } = minimize((x: Variable) => x.cos(), 0.1, { method });
    assert(converged, reason);
    assertAlmostEquals(value, -1, 1e-15);
    assertAlmostEquals(Math.cos(x), -1, 1e-15);
  });

  Deno.test(`${method} lowers the value at each step, but for rounding`, () => {
    const { history, iterations } = minimize(beale, { x: -2, y: -1 }, { method });
    assertEquals(
      history.map(({ iteration }) => iteration),
      Array.from({ length: iterations + 1 }, (_, i) => i),
    );
    history.slice(1).forEach(({ value, step }, i) => {
      assertLessOrEqual(value, history[i]!.value * (1 + 1e-13));
      assertGreater(step, 0);
    });
  });

  Deno.test(`${method} stops at once at a minimum, and at the number of iterations`, () => {
    const done = minimize(beale, { x: 3, y: 0.5 }, { method });
    assertEquals([done.iterations, done.evaluations, done.converged], [0, 1, true]);
    const limited = minimize(beale, { x: 1, y: 1 }, { method, maxIterations: 2 });
    assertEquals(limited.reason, "maximal number of iterations reached");
    assertEquals([limited.iterations, limited.converged], [2, false]);
  });

  Deno.test(`${method} stops where values no longer change`, () => {
    const f = (x: Variable) => x.sub(0.3).square().add(1e9);
    const { x, reason } = minimize(f, 5, { method, gradientTolerance: 0 });
    assert(["gradient", "change", "step wi"].some((start) => reason.startsWith(start)), reason);
    assertAlmostEquals(x, 0.3, 1e-7);
  });
}

Deno.test("minimize() gives the point in the form of the start", () => {
  const f = ({ list, v }: { list: readonly { readonly p: Variable }[]; v: Variable }) =>
    list.reduce((sum, { p }, i) => sum.add(p.sub(i + 1).square().sum()), v.square().sum());
  const { x } = minimize(f, { list: [{ p: 4 }, { p: [[5, 6]] }], v: new Float64Array(2).fill(3) });
  assertAlmostEquals(x.list[0]!.p as number, 1, 1e-8);
  assertAlmostEquals((x.list[1]!.p as number[][])[0]![1]!, 2, 1e-8);
  assertInstanceOf(x.v, Float64Array);
  const given = { list: [{ p: constant(4) }, { p: constant([5]) }], v: constant(new Float32Array([1])) };
  const result = minimize(f, given).x;
  assertAlmostEquals(result.list[1]!.p.toArray().data[0]!, 2, 1e-8);
  assertEquals([result.v.dtype, result.v.shape], ["float32", [1]]);
  const array = minimize((x: Variable) => x.square().sum(), new NdArray(new Float64Array([1, 2]))).x;
  assertInstanceOf(array, NdArray);
});

Deno.test("minimize() computes in float64 from a float32 start", () => {
  const { value } = minimize((x: Variable) => x.sub(0.1).square().sum(), new Float32Array([1]));
  assertLess(value, 1e-18);
});

Deno.test("minimize() tells its callback each iteration and stops when that returns true", () => {
  const seen: { x: number; y: number }[] = [];
  const { x, iterations, reason, history } = minimize(beale, { x: 1, y: 1 }, {
    callback: ({ iteration, x, value }) => {
      seen.push(x);
      assert(Number.isFinite(value), String(value));
      return iteration === 3;
    },
  });
  assertEquals([iterations, reason], [3, "stopped by callback"]);
  assertEquals([seen.length, seen[2]], [3, x]);
  assertEquals(history.length, 4);
});

Deno.test("a longer history needs fewer iterations of L-BFGS", () => {
  const start = Array.from({ length: 30 }, () => -1);
  const [short, long] = [2, 30].map((historySize) => minimize(rosenbrock, start, { historySize }));
  assertEquals([short!.reason, long!.reason], Array(2).fill("gradient within tolerance"));
  assertLess(long!.iterations, short!.iterations, `${long!.iterations} and ${short!.iterations}`);
});

Deno.test("newton-cg needs few iterations near the minimum", () => {
  const { history } = minimize(beale, { x: 2.9, y: 0.48 }, { method: "newton-cg" });
  const gradients = history.map(({ gradientNorm }) => gradientNorm).slice(-3);
  assertLess(gradients[2]!, gradients[1]! ** 1.3, String(gradients));
});

Deno.test("minimize() finds no lower value for a function without a minimum", () => {
  const { reason, converged } = minimize((x: Variable) => x.neg(), 1, { maxIterations: 40 });
  assert(!converged, reason);
});

Deno.test("minimize() refuses what it can't minimise", () => {
  const f = (x: Variable) => x.square().sum();
  const options = (o: unknown) => o as MinimizeOptions<number>;
  const cases: readonly [() => unknown, typeof TypeError | typeof RangeError, string][] = [
    [() => minimize("f" as never, 1), TypeError, 'Cannot run minimize() on "f"'],
    [() => minimize((x: Variable) => x.mul([1, 2]), 1), TypeError, "an output of shape [2]"],
    [() => minimize(() => "text" as never, 1), TypeError, "must return a Variable"],
    [() => minimize((() => Promise.resolve(1)) as never, 1), TypeError, "async"],
    [() => minimize(f, [] as never), TypeError, "it holds no numbers"],
    [() => minimize(f, null as never), TypeError, "inputs are Variables, numbers or arrays"],
    [() => minimize(f, [1, Infinity]), RangeError, "its number 1 is Infinity"],
    [() => minimize((x: Variable) => x.log(), -1), RangeError, "f is NaN there"],
    [() => minimize((x: Variable) => x.sqrt(), 0), RangeError, "the gradient of f is not finite"],
    [() => minimize(f, 1, options({ method: "bfgs" })), RangeError, 'the method is "bfgs"'],
    [() => minimize(f, 1, { historySize: 0 }), RangeError, "historySize is 0"],
    [() => minimize(f, 1, { maxIterations: -1 }), RangeError, "maxIterations is -1"],
    [() => minimize(f, 1, { valueTolerance: Infinity }), RangeError, "valueTolerance is Infinity"],
  ];
  for (const [run, type, text] of cases) assertThrows(run, type, text);
  assertThrows(() => minimize(f, 1, { maxiter: 3 } as never), TypeError, "did you mean maxIterations?");
  assertThrows(() => minimize(f, 1, { callback: 3 } as never), TypeError, "use a function");
});

Deno.test("minimize() passes on what the function throws", () => {
  const failing = () => {
    throw new SyntaxError("mine");
  };
  assertThrows(() => minimize(failing, 1), SyntaxError, "mine");
});

Deno.test("minimize() says so where an enclosing grad() would go unseen", () => {
  const through = (s: Variable) => constant(minimize((x: Variable) => x.sub(s).square(), 1).x);
  assertThrows(() => grad(through)(2), TypeError, "stopGradient()");
  const cut = (s: Variable) => s.mul(minimize((x: Variable) => x.sub(stopGradient(s)).square(), 1).x);
  assertAlmostEquals(grad(cut)(2), 2, 1e-8);
});

/** The residuals of Meyer (1970): a long narrow valley, whose least sum of squares is 87.9458. */
function meyer([a, b, c]: readonly Variable[]): Variable {
  const y = [
    34780,
    28610,
    23650,
    19630,
    16370,
    13720,
    11540,
    9744,
    8261,
    7030,
    6005,
    5147,
    4427,
    3820,
    3307,
    2872,
  ];
  return a!.mul(b!.div(c!.add(y.map((_, i) => 50 + 5 * i))).exp()).sub(y);
}

for (const method of METHODS) {
  Deno.test(`${method} does not take a small step across Meyer's valley for convergence`, () => {
    const { value } = minimize(
      (x: readonly Variable[]) => meyer(x).square().sum(),
      [0.02, 4000, 250].map((v) => variable(v)),
      {
        method,
      },
    );
    assertAlmostEquals(value, 87.9458551, 1e-6);
  });
}

/** c x - log det K(x) for K = [[x, 1], [1, x]], positive definite only for x > 1. */
function logDeterminantBarrier(c: number, x: Variable): Variable {
  const factor = cholesky(eye(2).mul(x).add([[0, 1], [1, 0]]));
  return x.mul(c).sub(diagonal(factor).log().sum().mul(2));
}

for (const method of METHODS) {
  for (const [c, start] of [[0.5, 30], [3, 8], [10, 3], [0.5, 1.01], [20, 2], [1, 100]] as const) {
    Deno.test(`${method} steps back from points where the function throws, c ${c} from ${start}`, () => {
      const { x, converged } = minimize((x: Variable) => logDeterminantBarrier(c, x), start, {
        method,
      });
      assertEquals(converged, true);
      assertAlmostEquals(x, (1 + Math.sqrt(1 + c * c)) / c, 1e-6);
    });
  }
}

Deno.test("minimize() throws what the function throws at the start, and a TypeError anywhere", () => {
  assertThrows(
    () => minimize((x: Variable) => logDeterminantBarrier(1, x), 0.5),
    RangeError,
    "positive definite",
  );
  const wrong = (x: Variable) => x.item() === 1 ? x.square() : x.mul(undefined as never);
  assertThrows(() => minimize(wrong, 1), TypeError);
});

Deno.test("a result of minimize() prints in a few lines, however many iterations it took", () => {
  const { history, ...rest } = minimize((x: Variable) => x.sub([1, 2]).square().square().sum(), [5, 5]);
  const text = Deno.inspect({ ...rest, history }, { colors: false });
  assert(history.length > 10 && text.split("\n").length < 12, text);
  assert(text.includes(`history: [ ${history.length} entries, value `), text);
  assertEquals(Array.isArray(history), true);
  assertEquals(Deno.inspect(history.map(({ iteration }) => iteration).slice(0, 3)), "[ 0, 1, 2 ]");
});
