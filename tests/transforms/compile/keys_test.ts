import { assertEquals, assertThrows } from "@std/assert";
import { compile, constant, div, mul, type Variable, variable } from "../../../mod.ts";

/** Counts how often a function with a static argument is recorded. */
function counted(): { f: (x: Variable, s: unknown) => Variable; count: () => number } {
  let recordings = 0;
  const f = compile((x: Variable, _: unknown): Variable => {
    recordings++;
    return x.mul(2);
  }, { staticArgnums: [1] });
  return { f, count: () => recordings };
}

Deno.test("static arguments are told apart by their values", () => {
  const values: readonly unknown[] = [
    0,
    -0,
    1,
    "1",
    1n,
    2n,
    NaN,
    Infinity,
    -Infinity,
    null,
    undefined,
    "null",
    "undefined",
    true,
    "true",
    "a",
    Symbol("a"),
    Symbol("a"),
    Symbol.for("a"),
    [],
    {},
    [1],
    ["1"],
    [[1]],
    [1, 2],
    { a: 1 },
    { a: 2 },
    { b: 1 },
    { "a:1,b": 1 },
    { a: 1, b: 1 },
    { a: "1,b:1" },
    new Map([[1, 2]]),
    new Map([[1, 3]]),
    new Set([1]),
    new Date(0),
    () => 1,
    () => 1,
    new Float64Array([1, 2]),
    new Float32Array([1, 2]),
    new Float64Array([1, 3]),
  ];
  const { f, count } = counted();
  values.forEach((value, i) => {
    f(constant(1), value);
    assertEquals(count(), i + 1, `${String(value)} at ${i}`);
    f(constant(2), value);
    assertEquals(count(), i + 1, `${String(value)} at ${i}, again`);
  });
  for (const [same, other] of [[[1, { a: "x" }], [1, { a: "x" }]], [{ n: NaN }, { n: NaN }]]) {
    const before = count();
    f(constant(1), same);
    f(constant(1), other);
    assertEquals(count(), before + 1);
  }
});

Deno.test("a static object that has changed is another value", () => {
  class Settings {
    rate = 1;
  }
  const changed: readonly [object, () => void][] = [];
  const settings = new Settings();
  const tree = { list: [1, 2] };
  const map = new Map([["a", 1]]);
  const cases: readonly (readonly [object, () => unknown])[] = [
    [settings, () => settings.rate = 2],
    [tree, () => tree.list.push(3)],
    [map, () => map.set("a", 2)],
  ];
  assertEquals(changed, []);
  for (const [value, change] of cases) {
    const { f, count } = counted();
    f(constant(1), value);
    change();
    f(constant(1), value);
    assertEquals(count(), 2);
  }
});

Deno.test("names of entries don't run into one another", () => {
  const f = compile((p: { readonly [name: string]: Variable }) =>
    Object.values(p).reduce((a, b) => a.add(b)).mul(Object.keys(p).length)
  );
  assertEquals(f({ a: 1, b: 2 } as never), 6 as never);
  assertEquals(f({ "a:n,b": 3 } as never), 3 as never);
});

Deno.test("objects that hide their Variables are refused, with the remedy", () => {
  class Model {
    w = variable(2);
  }
  const f = compile((m: { w: Variable } | Map<string, Variable>, x: Variable) =>
    x.mul(m instanceof Map ? m.get("w")! : m.w)
  );
  for (const hidden of [new Model(), new Map([["w", constant(2)]]), { deep: [new Set([1])] }]) {
    assertThrows(() => f(hidden as never, constant(3)), TypeError, "staticArgnums");
  }
  assertEquals(f({ w: constant(2) }, constant(3)).item(), 6);
  const cyclic: unknown[] = [constant(1)];
  cyclic.push(cyclic);
  assertThrows(() => f(cyclic as never, constant(3)), TypeError, "contains itself");
});

Deno.test("compile() checks its options", () => {
  const f = (x: Variable): Variable => x;
  const wrong: readonly [object, typeof TypeError | typeof RangeError, string][] = [
    [{ target: "gpu" }, RangeError, "target"],
    [{ target: 3 }, TypeError, "target"],
    [{ donate: ["a"] }, TypeError, "donate"],
    [{ donate: [-1] }, RangeError, "donate"],
    [{ staticArgnums: [0.5] }, RangeError, "staticArgnums"],
    [{ staticArgnum: [0] }, TypeError, "staticArgnums"],
    [{ cacheSize: 1.5 }, RangeError, "cacheSize"],
    [{ threads: 0 }, RangeError, "threads"],
  ];
  for (const [options, type, text] of wrong) assertThrows(() => compile(f, options as never), type, text);
});

Deno.test("numbers as arguments take the dtype of the other operands, as without compiling", () => {
  const w = constant(new Float32Array([1, 2]));
  const step = (w: Variable, rate: number, shift: number[]): Variable =>
    w.sub(mul(w, rate)).add(div(shift as never, 4)).add(shift);
  const compiled = compile(step);
  const eager = step(w, 0.1, [1, 2]);
  const result = compiled(compiled(w, 0.1, [1, 2]), 0.1, [1, 2]);
  assertEquals([eager.dtype, compiled(w, 0.1, [0, 0]).dtype], ["float64", "float64"]);
  assertEquals(result.dtype, "float64");
  const plain = (w: Variable, rate: number, shift: number[]): Variable => w.sub(mul(w, rate)).add(shift);
  const both = compile(plain);
  const again = both(both(w, 0.1, [1, 2]), 0.1, [1, 2]);
  assertEquals([again.dtype, again.value], ["float32", plain(plain(w, 0.1, [1, 2]), 0.1, [1, 2]).value]);
  assertEquals(both.stats().length, 1);
  const scalar = compile((x: Variable, k: number) => x.add(k).mul(k));
  assertEquals(scalar(constant(2, { dtype: "float32" }), 0.1).dtype, "float32");
  assertEquals(scalar(constant(2), 0.1).dtype, "float64");
});

Deno.test("cacheSize bounds the programs, whatever their signatures and branches", () => {
  const f = compile((x: Variable, k: number) => {
    let y = x;
    while (y.lt(10 * k).truthy()) y = y.add(1);
    return y.mul(2).sum();
  }, { staticArgnums: [1], cacheSize: 3 });
  for (let round = 0; round < 2; round++) {
    for (const k of [1, 2]) {
      for (const x of [9, 8, 7, 5]) assertEquals(f(constant(x), k).item(), 20 * k);
      assertEquals(f.stats().length, 3);
    }
  }
});

Deno.test("of many branches only those run that can be right", () => {
  const f = compile((x: Variable) => {
    let y = x;
    while (y.gt(0.5).truthy()) y = y.sub(1);
    return y;
  }, { cacheSize: 64 });
  for (let n = 0; n < 40; n++) assertEquals(f(constant(n)).item(), 0);
  assertEquals(f.stats().length, 40);
  for (const n of [39, 0, 20, 1, 38, 7]) assertEquals(f(constant(n)).item(), 0);
  assertEquals(f.stats().length, 40);
});

Deno.test("a function that branches on a value leaves donated arguments as they were for the other branch", () => {
  const f = compile((w: Variable) => w.sum().gt(0).truthy() ? w.mul(2) : w.mul(3), { donate: [0] });
  let w = constant([1, 2]);
  for (const [shift, expected] of [[0, [2, 4]], [-20, [-54, -48]], [100, [92, 104]]] as const) {
    w = f(w.add(shift));
    assertEquals(w.value, expected);
  }
  assertEquals([f(f(constant([1, -2]))).value, f(f(constant([1, 2]))).value], [[9, -18], [4, 8]]);
});
