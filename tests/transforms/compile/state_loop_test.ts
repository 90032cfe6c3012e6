import { assertEquals, assertThrows } from "@std/assert";
import {
  compile,
  constant,
  grad,
  NdArray,
  tape,
  valueAndGrad,
  type Variable,
  variable,
} from "../../../mod.ts";
import { memoryInUse } from "../../../src/compiler/wasm/linear_memory.ts";
import { randomNumbers } from "../../compiler/random_programs.ts";

interface State {
  readonly frozen: Variable;
  readonly w: readonly Variable[];
  readonly slots: { readonly m: readonly Variable[]; readonly v: readonly Variable[] };
  readonly step: Variable;
  readonly name: string;
}

const draw = randomNumbers(7);
const shapes = [[4, 3], [3], [3, 3], [3]];

for (const dtype of ["float64", "float32"] as const) {
  const array = (shape: number[], next: () => number = () => draw() - 0.5): Variable => {
    const data = Array.from({ length: shape.reduce((a, b) => a * b, 1) }, next);
    return constant(
      new NdArray(dtype === "float64" ? Float64Array.from(data) : Float32Array.from(data), shape),
    );
  };
  const start = (): State => ({
    frozen: array([3], () => 0.25),
    w: shapes.map((shape) => array(shape, () => 0.1)),
    slots: { m: shapes.map((s) => array(s, () => 0)), v: shapes.map((s) => array(s, () => 0)) },
    step: constant(0),
    name: "adam",
  });
  const model = (w: readonly Variable[], frozen: Variable, x: Variable): Variable =>
    x.matmul(w[0]!).add(w[1]!).tanh().mul(frozen).matmul(w[2]!).add(w[3]!);
  /** One step of Adam on a small network; a part of the state passes through unchanged. */
  const train = (s: State, x: Variable, y: Variable): readonly [State, Variable, Variable] => {
    const [loss, g] = valueAndGrad((w: readonly Variable[]) => model(w, s.frozen, x).sub(y).square().mean())(
      s.w,
    );
    const step = s.step.add(1);
    const m = s.slots.m.map((m, i) => m.mul(0.9).add(g[i]!.mul(0.1)));
    const v = s.slots.v.map((v, i) => v.mul(0.99).add(g[i]!.square().mul(0.01)));
    const w = s.w.map((w, i) => w.sub(m[i]!.div(v[i]!.sqrt().add(1e-3)).mul(0.01)));
    return [{ ...s, w, slots: { m, v }, step }, loss, x.sum({ axis: 0 })];
  };
  const flat = (s: State): number[] =>
    [s.frozen, ...s.w, ...s.slots.m, ...s.slots.v, s.step].flatMap((x) => [...x.data]);
  const batches = Array.from({ length: 12 }, (_, i) => {
    const rows = i % 4 === 3 ? 2 : 5;
    return [array([rows, 4]), array([rows, 3])] as const;
  });

  Deno.test(`${dtype}: a loop gives the bits of calls, with batches of two sizes and a part that never changes`, () => {
    const step = compile(train, { donate: [0] });
    const loop = compile(train, { donate: [0] }).loop(start());
    let state = start();
    for (const [x, y] of batches) {
      const [next, loss, sums] = step(state, x, y);
      state = next;
      const [ownLoss, ownSums] = loop.next(x, y);
      assertEquals([ownLoss.item(), ownSums.value], [loss.item(), sums.value]);
    }
    assertEquals(flat(loop.state()), flat(state));
    assertEquals([loop.state().name, loop.state().step.item()], ["adam", 12]);
  });

  Deno.test(`${dtype}: what was read or kept of a loop's state stays as it was`, () => {
    const reference = compile(train);
    const loop = compile(train, { donate: [0] }).loop(start());
    let state = start();
    const kept: { given: State; expected: number[] }[] = [];
    for (const [i, [x, y]] of batches.entries()) {
      state = reference(state, x, y)[0];
      loop.next(x, y);
      if (i % 3 > 0) kept.push({ given: loop.state(), expected: flat(state) });
      if (i % 4 > 1) kept.push({ given: loop.state(), expected: flat(state) });
    }
    for (const { given, expected } of kept) assertEquals(flat(given), expected);
  });

  Deno.test(`${dtype}: the state can be lent, to be read where it stands, and not be read after that`, () => {
    const evaluate = compile((s: State, x: Variable) => model(s.w, s.frozen, x));
    const reference = compile(train);
    const loop = compile(train, { donate: [0] }).loop(start());
    let state = start();
    for (const [i, [x, y]] of batches.entries()) {
      state = reference(state, x, y)[0];
      loop.next(x, y);
      let lent: State | undefined;
      let copy: Variable | undefined;
      const result = loop.withState((s) => {
        lent = s;
        copy = constant(s.w[1]!);
        return evaluate(s, x);
      });
      assertEquals(result.value, evaluate(state, x).value);
      // Recording the evaluation, once for each size, reads the state.
      if (i !== 0 && i !== 3) assertThrows(() => lent!.w[0]!.value, TypeError, "it was donated");
      loop.next(x, y);
      assertEquals(copy!.value, state.w[1]!.value);
      state = reference(state, x, y)[0];
    }
    assertEquals(flat(loop.state()), flat(state));
  });

  Deno.test(`${dtype}: calls and other loops of the same function leave a loop's state alone`, () => {
    const step = compile(train, { donate: [0] });
    const [first, second] = [step.loop(start()), step.loop(start())];
    const expected = step.loop(start());
    let called = start();
    for (const [x, y] of batches.slice(0, 4)) expected.next(x, y);
    const wanted = flat(expected.state());
    for (const [x, y] of batches.slice(0, 4)) {
      first.next(x, y);
      second.next(x, y);
      called = step(called, x, y)[0];
    }
    assertEquals([flat(first.state()), flat(second.state()), flat(called)], [wanted, wanted, wanted]);
  });
}

Deno.test("a loop takes over donated results, and leaves plain arrays of the user as they are", () => {
  const f = compile((p: Variable, x: Variable) => [p.add(x), p.sum()] as const, { donate: [0] });
  const given = constant([1, 2]);
  const [p] = f(given, constant([1, 1]));
  const loop = f.loop(p);
  assertEquals(loop.state().value, [2, 3]);
  const [taken] = f(p, constant([0, 0]));
  const other = f.loop(taken);
  other.next(constant([1, 1]));
  assertThrows(() => f(taken, constant([0, 0])), TypeError, "it was donated");
  assertEquals([other.state().value, given.value], [[3, 4], [1, 2]]);
});

Deno.test("a loop follows branches on values as calls do, and its state survives the wrong way", () => {
  const f = (p: Variable, x: Variable) => [p.sum().gt(10).truthy() ? p.sub(x) : p.add(x), p.sum()] as const;
  const loop = compile(f, { donate: [0] }).loop(constant([1, 2]));
  let p = constant([1, 2]);
  for (let i = 0; i < 12; i++) {
    const [next, sum] = f(p, constant([i, 3]));
    assertEquals(loop.next(constant([i, 3]))[0].item(), sum.item());
    p = next;
    assertEquals(loop.state().value, p.value);
  }
});

Deno.test("a loop reads trainable Variables anew, plain numbers and trees as a call does", () => {
  const w = variable([2, 3]);
  const f = compile(
    (p: Variable, x: { a: Variable; b: Variable }, n: Variable) =>
      [p.add(x.a.mul(w)).sub(x.b).mul(n)] as const,
    { donate: [0] },
  );
  const loop = f.loop(constant([0, 0]));
  let expected = [0, 0];
  for (let i = 0; i < 4; i++) {
    loop.next({ a: constant([1, i]), b: constant([i, 1]) }, i as unknown as Variable);
    expected = [
      (expected[0]! + w.value[0 as never] - i) * i,
      (expected[1]! + i * w.value[1 as never] - 1) * i,
    ];
    w.assign([i + 1, -i]);
    assertEquals(loop.state().value, expected);
  }
  assertEquals(f.stats().length, 1);
  // Other order of names is another program, not other numbers.
  loop.next({ b: constant([1, 1]), a: constant([0, 0]) } as never, 1 as unknown as Variable);
  assertEquals(loop.state().value, [expected[0]! - 1, expected[1]! - 1]);
});

Deno.test("a loop goes on when its program has been dropped or disposed of, with its memory given back at the end", () => {
  const before = memoryInUse();
  const f = compile((p: Variable, x: Variable) => [p.add(x.sum())] as const, { donate: [0], cacheSize: 1 });
  const loop = f.loop(constant([1, 2]));
  for (let i = 1; i <= 6; i++) loop.next(constant(new Array(i).fill(1)));
  f[Symbol.dispose]();
  loop.next(constant([1]));
  assertEquals(loop.state().value, [23, 24]);
  f[Symbol.dispose]();
  assertEquals([loop.state().value, memoryInUse()], [[23, 24], before]);
});

Deno.test("a loop refuses what is no state, and steps inside of transforms", () => {
  const x = constant([1, 2]);
  const plain = compile((p: Variable) => [p.add(1)] as const);
  assertThrows(() => plain.loop(x), TypeError, "use compile(f, { donate: [0] })");
  const cases: [(p: Variable, y: Variable) => unknown, string][] = [
    [(p) => p.add(1), "must return a list"],
    [(p) => [{ p }], "another structure"],
    [(p) => [p.sum()], "its state has shape [], the argument [2]"],
    [(_, y) => [y], "its state has shape [3], the argument [2]"],
    [() => ["state"], "another structure"],
    [(p) => [p.cast("float32")], "its state is float32, the argument float64"],
  ];
  for (const [f, reason] of cases) {
    assertThrows(() => compile(f, { donate: [0] }).loop(x).next(constant([1, 2, 3])), TypeError, reason);
  }
  const loop = compile((p: Variable, x: Variable) => [p.add(x), p.sum()] as const, { donate: [0] }).loop(x);
  assertThrows(
    () => grad((y: Variable) => loop.next(y)[0])(constant([1, 1])),
    TypeError,
    "inside another transform",
  );
  assertEquals(tape.length, 0);
});

Deno.test("a state of numbers and arrays of each kind goes through batches of two sizes as in calls", () => {
  const f = (s: { n: Variable; a: Variable; t: Variable; l: Variable }, x: Variable) =>
    [{ n: s.n.add(1), a: s.a.add(x.sum()), t: s.t.mul(s.n), l: s.l.sub(s.n) }, x.mul(s.n)] as const;
  const start = () =>
    ({ n: 1, a: new NdArray(new Float32Array([1, 2])), t: new Float64Array([3, 4]), l: [5, 6] }) as never;
  const step = compile(f, { donate: [0] });
  const loop = compile(f, { donate: [0] }).loop(start());
  let state = start();
  for (const rows of [2, 2, 3, 2, 3]) {
    const x = new NdArray(new Float32Array(rows).fill(1)) as never;
    const [next, product] = step(state, x);
    state = next as never;
    assertEquals<unknown>(loop.next(x)[0], product);
    assertEquals(loop.state(), state);
  }
});

Deno.test("an error in the middle of a step is thrown, and says of the state that it is lost", () => {
  const f = compile((p: Variable, i: Variable) => [p.add(1), p.gather(i).sum()] as const, { donate: [0] });
  const loop = f.loop(constant([1, 2, 3]));
  loop.next(constant([0, 2]));
  assertThrows(() => loop.next(constant([0, 7])), RangeError);
  assertThrows(() => loop.state().value, TypeError, "it was donated");
});

Deno.test("derivatives by what goes into a loop are refused, not left out", () => {
  const w = variable([1, 2]);
  const passed = compile((s: Variable, x: Variable) => [s.add(1), x.mul(s).sum()] as const, { donate: [0] });
  const captured = compile((s: Variable) => [s.add(1), w.mul(s).sum()] as const, { donate: [0] });
  const loops = [
    () => passed.loop(constant([1, 1])).next(w)[0],
    () => captured.loop(constant([1, 1])).next()[0],
  ];
  for (const step of loops) {
    assertEquals(step().item(), 3);
    assertThrows(() => step().add(w.sum()).backward(), TypeError, "or a step of a loop");
    tape.clear();
  }
  const plain = passed.loop(constant([1, 1]));
  for (let i = 0; i < 3; i++) plain.next(constant([1, 2]));
  assertEquals(tape.length, 0);
});
