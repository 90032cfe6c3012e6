/** Who may read what after a donation: whoever keeps an array has a copy of its own. */
import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  compile,
  constant,
  grad,
  mapTree,
  NdArray,
  noGrad,
  stopGradient,
  valueAndGrad,
  type Variable,
  variable,
  vjp,
} from "../../../mod.ts";
import { memoryInUse } from "../../../src/compiler/wasm/linear_memory.ts";
import { dense, sequential } from "../../../src/nn/mod.ts";

const steps = () =>
  compile((p: Variable, x: Variable) => [p.mul(2).add(x), x.sum()] as const, { donate: [0] });
const one = constant([1, 1]);

/** Everything that keeps a value without an operation on it, and how it is read again. */
const takers: Record<string, (p: Variable) => () => unknown> = {
  "constant(p)": (p) => reader(constant(p)),
  "constant(p, { name })": (p) => reader(constant(p, { name: "p" })),
  "variable(p)": (p) => reader(variable(p)),
  "variable of its own dtype": (p) => reader(variable(p, { dtype: "float64" })),
  "assign(p)": (p) => reader(variable([0, 0]).assign(p)),
  "assign(p.toArray())": (p) => reader(variable([0, 0]).assign(p.toArray())),
  "toArray()": (p) => {
    const array = p.toArray();
    return () => array.toNested();
  },
  "constant(p.toArray())": (p) => reader(constant(p.toArray())),
  "stopGradient(p)": (p) => reader(stopGradient(p)),
  "noGrad(() => p)": (p) => reader(noGrad(() => stopGradient(p))),
  "a cast to the same dtype": (p) => reader(p.cast("float64")),
  "reshape(p)": (p) => reader(p.reshape([2])),
  "an auxiliary result of grad": (p) =>
    reader(grad((x: Variable) => [x.sum(), p] as const, { hasAux: true })(p)[1] as Variable),
  "the value of vjp": (p) => reader(vjp((x: Variable) => x)(p)[0] as Variable),
  "a tree of constants": (p) => reader((mapTree({ p }, (x: Variable) => constant(x)) as { p: Variable }).p),
  "a recorded row": (p) => {
    const w = variable([1, 1]);
    const y = w.mul(p).sum();
    return () => {
      y.backward();
      return w.grad!.value;
    };
  },
};

function reader(x: Variable): () => unknown {
  return () => x.value;
}

for (const [name, take] of Object.entries(takers)) {
  Deno.test(`${name} keeps the value of a result that is donated afterwards`, () => {
    const step = steps();
    let [p] = step(constant([1, 2]), one);
    const read = take(p);
    [p] = step(p, one);
    [p] = step(p, one);
    assertEquals([read(), p.value], [[3, 5], [15, 23]]);
  });
}

Deno.test("arrays that are donated as arrays can be kept by a constant", () => {
  const step = steps() as unknown as (p: NdArray, x: NdArray) => readonly [NdArray, number];
  const x = new NdArray(Float64Array.of(1, 1));
  const [p] = step(new NdArray(Float64Array.of(1, 2)), x);
  const kept = constant(p);
  const [q] = step(p, x);
  assertEquals([kept.value, q.toNested()], [[3, 5], [7, 11]]);
});

Deno.test("weights of a model that were set from donated results stay", () => {
  const model = sequential([dense({ units: 2, inputShape: [2] })]);
  const step = compile((w: Variable, b: Variable) => [w.mul(2), b.add(1)] as const, { donate: [0, 1] });
  const [w, b] = step(
    constant(new Float32Array(4)).reshape([2, 2]).add(1).cast("float32"),
    constant(new Float32Array(2)),
  );
  model.build([2]);
  model.setWeights({ "dense/kernel": w, "dense/bias": b });
  step(w, b);
  assertEquals(Object.values(model.getWeights()).map((w) => w.value), [[[2, 2], [2, 2]], [1, 1]]);
});

Deno.test("a result that nobody keeps is donated without a copy, and says so when it is read", () => {
  const step = steps();
  let p = constant([1, 2]);
  for (let i = 0; i < 3; i++) {
    const before = p;
    [p] = step(p, one);
    if (i > 0) assertThrows(() => before.value, TypeError, "it was donated to a call of a compiled function");
  }
  assertEquals(p.value, [15, 23]);
});

Deno.test("lower() shows a program and leaves its arguments as they were", () => {
  const step = steps();
  const [p] = step(constant([1, 2]), one);
  step.lower(p, one);
  assertEquals(p.value, [3, 5]);
});

Deno.test("one array donated twice, and arrays that change places, are read right", () => {
  const f = compile((a: Variable, b: Variable) => [a.add(b), a.sub(b)] as const, { donate: [0, 1] });
  let [a, b] = f(constant([5, 6]), constant([1, 2]));
  [a, b] = f(b, a);
  assertEquals([a.value, b.value], [[10, 12], [-2, -4]]);
  [a, b] = f(constant([5, 6]), constant([1, 2]));
  [a, b] = f(a, a);
  assertEquals([a.value, b.value], [[12, 16], [0, 0]]);
  const other = compile((a: Variable, b: Variable, c: Variable) => [b, a, c.add(a)] as const, {
    donate: [0, 1, 2],
  });
  let three = other(constant([1, 1]), constant([2, 2]), constant([3, 3]));
  three = other(...three);
  assertEquals(three.map((x) => x.value), [[1, 1], [2, 2], [6, 6]]);
});

Deno.test("donation goes by position: what passes through does not shift the rest, and is not copied", () => {
  const f = compile(
    (s: { a: Variable; frozen: Variable; b: Variable }) =>
      [{ ...s, a: s.a.add(1), b: s.b.add(s.frozen) }] as const,
    { donate: [0] },
  );
  let [s] = f({ a: constant([1, 1]), frozen: constant([10, 10]), b: constant([2, 2]) });
  const inside = memoryInUse();
  for (let i = 0; i < 3; i++) [s] = f(s);
  assertEquals([s.a.value, s.frozen.value, s.b.value], [[5, 5], [10, 10], [42, 42]]);
  assertEquals(memoryInUse(), inside);
});

Deno.test("programs of two signatures share the places of the donated argument", () => {
  const f = compile((p: Variable, x: Variable) => [p.add(x.sum({ axis: 0 })), x.sum()] as const, {
    donate: [0],
  });
  const batch = (rows: number) => constant(new NdArray(new Float64Array(rows * 1000).fill(1), [rows, 1000]));
  let [p] = f(constant(new Float64Array(1000)), batch(2));
  const inside = memoryInUse();
  [p] = f(p, batch(1));
  [p] = f(p, batch(2));
  const before = p;
  [p] = f(p, batch(1));
  assertThrows(() => before.data, TypeError, "it was donated");
  assertEquals([p.data[0], p.data[999], f.stats().length], [6, 6, 2]);
  assertEquals(memoryInUse(), inside);
});

Deno.test("a program that only reads what stands in the memory reads it there, whichever program wrote it", () => {
  const size = 100_000;
  const train = compile((p: Variable, x: Variable) => [p.add(x)] as const, { donate: [0] });
  const evaluate = compile((p: Variable, x: Variable) => [p.slice([0], [2]).mul(x), p.mean()] as const);
  const two = constant([2, 3]);
  const ones = constant(new Float64Array(size).fill(1));
  let [p] = train(ones, ones);
  for (let i = 0; i < 3; i++) {
    const [product, mean] = evaluate(p, two);
    assertEquals(product.value, [2 * (i + 2), 3 * (i + 2)]);
    assertAlmostEquals(mean.item(), i + 2, 1e-12);
    [p] = train(p, ones);
  }
  // It has no place of its own for the parameters.
  assertEquals(evaluate.stats()[0]!.bytes < 8 * size, true, `${evaluate.stats()[0]!.bytes} bytes`);
  const plain = constant(new Float64Array(size).fill(7));
  assertEquals(evaluate(plain, two)[0].value, [14, 21]);
  assertEquals(evaluate(p, two)[0].value, [10, 15]);
});

Deno.test("a step that is given the same array as state and as data keeps the data apart", () => {
  const f = compile((p: Variable, x: Variable) => [p.mul(3), p.add(x)] as const, { donate: [0] });
  let [p] = f(constant([1, 2]), constant([0, 0]));
  for (let i = 0; i < 3; i++) {
    const [next, sum] = f(p, p);
    assertEquals(sum.value, (next.value as number[]).map((v) => v / 3 * 2));
    p = next;
  }
  const g = compile(valueAndGrad((p: Variable, x: Variable) => p.mul(x).sum()), { donate: [0] });
  assertEquals(g(p, p)[0].item(), 81 ** 2 + 162 ** 2);
});
