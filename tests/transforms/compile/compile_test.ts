import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertLessOrEqual,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  compile,
  constant,
  grad,
  hessian,
  jacobian,
  NdArray,
  noGrad,
  tape,
  valueAndGrad,
  type Variable,
  variable,
} from "../../../mod.ts";

/** Checks that a compiled function has run, and in WebAssembly. */
function assertCompiled(f: { stats(): readonly { target: string; kernels: number }[] }, programs = 1): void {
  assertEquals(f.stats().map(({ target }) => target), new Array(programs).fill("wasm"));
  assertEquals(f.stats().filter(({ kernels }) => !(kernels > 0)), []);
}

Deno.test("compile() gives Variables for Variables, numbers and arrays for numbers and arrays", () => {
  const f = compile((x: Variable, y: Variable) => [x.mul(y).add(1), x.sum()] as const);
  const [a, b] = f(constant([1, 2]), constant(3));
  assertEquals([a.value, b.value], [[4, 7], 3]);
  const g = compile(valueAndGrad((x: Variable) => x.square().sum()));
  assertEquals(g([1, 2, 3]), [14, [2, 4, 6]]);
  assertEquals(g(new Float32Array([1, 2])), [5, new Float32Array([2, 4])]);
  assertEquals((g(new NdArray(new Float64Array([3])))[1] as unknown as NdArray).data, new Float64Array([6]));
  assertEquals(g([2, 2, 2]), [12, [4, 4, 4]]);
  assertCompiled(g, 3);
});

Deno.test("compile() records once for each signature: shapes, dtypes, structure, static arguments", () => {
  let recordings = 0;
  const f = compile((tree: { x: Variable; how: string }, power: number) => {
    recordings++;
    return tree.how === "sum" ? tree.x.pow(power).sum() : tree.x.pow(power).mean();
  }, { staticArgnums: [1] });
  const x = constant([1, 2, 3]);
  assertEquals(f({ x, how: "sum" }, 2).item(), 14);
  assertEquals(f({ x: x.mul(2), how: "sum" }, 2).item(), 56);
  assertEquals(recordings, 1);
  assertAlmostEquals(f({ x, how: "mean" }, 2).item(), 14 / 3);
  assertEquals(f({ x, how: "sum" }, 3).item(), 36);
  assertEquals(f({ x: constant([1, 2]), how: "sum" }, 3).item(), 9);
  assertEquals(f({ x: constant([1, 2], { dtype: "float32" }), how: "sum" }, 3).dtype, "float32");
  assertEquals(recordings, 5);
  assertEquals(f.stats().length, 5);
});

Deno.test("compile() keeps as many programs as cacheSize says, the latest used", () => {
  let recordings = 0;
  const f = compile((x: Variable) => {
    recordings++;
    return x.square();
  }, { cacheSize: 2 });
  const of = (n: number): Variable => constant(new Float64Array(n));
  for (const n of [1, 2, 1, 3, 1]) f(of(n));
  assertEquals([recordings, f.stats().length], [3, 2]);
  f(of(2));
  assertEquals(recordings, 4);
  assertThrows(() => compile((x: Variable) => x, { cacheSize: 0 }), RangeError, "cacheSize 0");
});

Deno.test("compile() goes around transforms, and transforms around it", () => {
  const f = (x: Variable): Variable => x.sin().mul(x).sum();
  const at = constant([0.3, -0.7]);
  const h = compile(hessian(f));
  const expected = hessian(f)(at).data;
  h(at).data.forEach((x: number, i: number) => assertAlmostEquals(x, expected[i]!, 1e-14));
  assertCompiled(h);
  const inner = compile(f);
  assertEquals(grad(inner)(at).value, grad(f)(at).value);
  assertEquals(jacobian(compile((x: Variable) => x.square()))(at).value, [[0.6, 0], [0, -1.4]]);
  const nested = compile((x: Variable) => inner(x).mul(2));
  assertEquals(nested(at).item(), f(at).item() * 2);
});

Deno.test("a compiled function reads trainable Variables anew at each call", () => {
  const w = variable([1, 2]);
  const f = compile((x: Variable) => x.mul(w).sum());
  assertEquals(f(constant([1, 1])).item(), 3);
  w.assign([10, 20]);
  assertEquals(f(constant([1, 1])).item(), 30);
  assertEquals(noGrad(() => f(constant([2, 1])).item()), 40);
  assertEquals(f.stats().length, 1);
  assertEquals(tape.length, 0);
});

Deno.test("a Variable that was computed outside from trainable ones is refused", () => {
  const w = variable([1, 2]);
  const outside = w.mul(2);
  const f = compile((x: Variable) => x.mul(outside).sum());
  assertThrows(() => f(constant([1, 1])), TypeError, "pass it as an argument, or compute it inside");
  tape.clear();
});

Deno.test("a branch on a value records one program for each way it goes", () => {
  let recordings = 0;
  const f = compile((x: Variable) => {
    recordings++;
    return x.gt(0).truthy() ? x.mul(10) : x.mul(-1);
  });
  const results = [3, -2, 5, -7, 0.5].map((x) => f(constant(x)).item());
  assertEquals(results, [30, 2, 50, 7, 5]);
  // The first time is without values, of which the branch asks for one.
  assertEquals([recordings, f.stats().length], [3, 2]);
});

Deno.test("a loop until something converges runs compiled, with a program for each number of rounds", () => {
  const newton = (a: Variable): Variable => {
    let x = a;
    while (x.square().sub(a).abs().gt(1e-12).truthy()) x = x.add(a.div(x)).mul(0.5);
    return x;
  };
  const f = compile(newton);
  for (const a of [2, 3, 100, 2.5, 2]) assertAlmostEquals(f(constant(a)).item(), Math.sqrt(a), 1e-12);
  const slope = compile((a: Variable) => grad(newton)(a));
  assertAlmostEquals(slope(constant(4)).item(), 0.25, 1e-9);
});

Deno.test("reading a value inside is refused and names what to use", () => {
  for (const read of ["item", "value", "data", "toArray"] as const) {
    const f = compile((x: Variable) => {
      const found = read === "item" ? x.item() : read === "toArray" ? x.toArray() : x[read];
      return x.mul(found === null ? 1 : 2);
    });
    const error = assertThrows(() => f(constant(1)), TypeError);
    assertStringIncludes(error.message, "where(condition, a, b)", error.message);
    assertStringIncludes(error.message, "truthy()", error.message);
    assertEquals(tape.length, 0);
  }
});

Deno.test("a function that throws, or is async, leaves the tape as it was", () => {
  const wrong = compile((x: Variable) => {
    x.mul(2);
    throw new RangeError("mine");
  });
  assertThrows(() => wrong(constant(1)), RangeError, "mine");
  // deno-lint-ignore require-await
  const later = compile(async (x: Variable) => x.mul(2));
  assertThrows(() => void later(constant(1)), TypeError, "Cannot compile an async function");
  assertThrows(() => compile(3 as never), TypeError, "compile() takes a function");
  assertEquals([tape.length, tape.depth], [0, 0]);
});

Deno.test("donated arguments stay in the program's memory, and what was given up can't be read", () => {
  const step = compile((p: { w: Variable }, x: Variable) => {
    const [loss, g] = valueAndGrad((p: { w: Variable }) => x.mul(p.w).square().sum())(p);
    return [{ w: p.w.sub(g.w.mul(0.1)) }, loss] as const;
  }, { donate: [0] });
  const plain = (w: number[]): number[] => w.map((v, i) => v - 0.1 * 2 * v * [1, 2][i]! ** 2);
  let p = { w: constant([1, 2]) };
  const first = p;
  let expected = [1, 2];
  const x = constant([1, 2]);
  let before = p;
  for (let i = 0; i < 4; i++) {
    before = p;
    [p] = step(p, x);
    expected = plain(expected);
  }
  p.w.data.forEach((v, i) => assertAlmostEquals(v, expected[i]!, 1e-14));
  assertEquals(first.w.value, [1, 2]);
  assertThrows(() => before.w.value, TypeError, "donated");
  // What was not passed on is kept when its place is needed.
  const [again] = step(first, x);
  const [other] = step({ w: constant([5, 5]) }, x);
  assertEquals(again.w.value, plain([1, 2]));
  assertEquals(other.w.value, plain([5, 5]));
});

Deno.test("an array that is donated and passed beside is read before it is given up", () => {
  const add = compile((a: Variable, b: Variable) => a.add(b), { donate: [0] });
  const twice = add(constant([1, 2]), constant([3, 4]));
  assertEquals(add(twice, twice).value, [8, 12]);
});

Deno.test("donated arguments that change places come out right", () => {
  const swap = compile((a: Variable, b: Variable) => [b, a, a.add(b)] as const, { donate: [0, 1] });
  const [x, y, sum] = swap(constant([1, 2]), constant([3, 4]));
  assertEquals([x.value, y.value, sum.value], [[3, 4], [1, 2], [4, 6]]);
});

Deno.test("the replay target gives what WebAssembly gives", () => {
  const f = valueAndGrad((x: Variable) => x.tanh().matmul(x.transpose()).sum());
  const x = constant([[0.1, 0.2], [0.3, -0.4]]);
  const [a, b] = [compile(f)(x), compile(f, { target: "replay" })(x)];
  assertAlmostEquals(a[0].item(), b[0].item(), 1e-14);
  a[1].data.forEach((v, i) => assertAlmostEquals(v, b[1].data[i]!, 1e-14));
});

Deno.test("float32 sums of a million numbers are right to 1e-6, over all elements, rows and columns", () => {
  const n = 1000;
  const x = constant(
    new NdArray(Float32Array.from({ length: n * n }, (_, i) => 0.1 + (i % 7) * 1e-3), [n, n]),
  );
  const wide = x.cast("float64");
  const sums = (x: Variable): Variable[] => [x.sum(), x.sum({ axis: 0 }), x.sum({ axis: 1 })];
  const f = compile(sums);
  const expected = sums(wide);
  f(x).forEach((s, i) => {
    const e = expected[i]!.data;
    s.data.forEach((v, k) => assertLessOrEqual(Math.abs(v - e[k]!), 1e-6 * Math.abs(e[k]!), `${v} ${e[k]}`));
  });
  assertCompiled(f);
});

Deno.test("a program of single numbers too large for straight-line code runs as a loop over its rows", () => {
  const f = (x: Variable): Variable => {
    let y = x;
    for (let i = 0; i < 70_000; i++) y = y.mul(0.99999).add(1e-6).sin();
    return y;
  };
  const c = compile(f);
  assertAlmostEquals(c(constant(0.5)).item(), f(constant(0.5)).item(), 1e-14);
  assert(c.lower(constant(0.5)).groups.startsWith("a loop over"), c.lower(constant(0.5)).groups);
});

Deno.test("a trainable Variable is not read, and none is changed, while compile() records", () => {
  const w = variable([1, 2]);
  const n = variable(1);
  const reads: readonly (() => unknown)[] = [
    () => w.data,
    () => w.value,
    () => w.mul(2).value,
    () => n.item(),
    () => constant(w),
    () => w.toArray(),
  ];
  for (const read of reads) {
    const f = compile((x: Variable) => {
      read();
      return x.mul(2);
    });
    assertThrows(() => f(constant(1)), TypeError, "Cannot read");
  }
  for (const write of [() => w.assign([3, 4]), () => w.zeroGrad()]) {
    const f = compile((x: Variable) => {
      write();
      return x.mul(2);
    });
    assertThrows(() => f(constant(1)), TypeError, "inside compile()");
  }
  assertEquals([w.value, w.grad], [[1, 2], null]);
  const branch = compile((x: Variable) => n.truthy() ? x.mul(2) : x.mul(3));
  assertEquals(branch(constant(5)).item(), 10);
  n.assign(0);
  assertEquals(branch(constant(5)).item(), 15);
  tape.clear();
});
