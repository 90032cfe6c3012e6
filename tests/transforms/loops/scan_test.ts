import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { checkGradients } from "../../../src/testing/mod.ts";
import {
  compile,
  constant,
  grad,
  hvp,
  jvp,
  NdArray,
  scan,
  tape,
  type Variable,
  variable,
  vmap,
  whileLoop,
  zeros,
} from "../../../mod.ts";
import { sharedMemory } from "../../../src/compiler/wasm/linear_memory.ts";

/** The last state and the outputs of a small recurrent network. */
function network(w: Variable, h: Variable, xs: Variable): readonly [Variable, Variable] {
  const step = (s: Variable, x: Variable) => {
    const next = s.mul(w).add(x).tanh();
    return [next, next.mul(x).sum()] as const;
  };
  return scan(step, h, xs);
}

/** The same with a loop. */
function looped(w: Variable, h: Variable, xs: Variable): readonly [Variable, readonly Variable[]] {
  const outputs: Variable[] = [];
  for (const x of xs) {
    h = h.mul(w).add(x).tanh();
    outputs.push(h.mul(x).sum());
  }
  return [h, outputs];
}

const w = constant([0.3, -0.8, 1.1]);
const h = constant([0.1, 0.2, -0.3]);
const xs = constant(Array.from({ length: 40 }, (_, t) => [Math.sin(t), Math.cos(2 * t), 0.1 * t - 2]));

function loss(w: Variable, h: Variable, xs: Variable): Variable {
  const [last, outputs] = network(w, h, xs);
  return last.sum().add(outputs.square().sum());
}

function loopedLoss(w: Variable, h: Variable, xs: Variable): Variable {
  const [last, outputs] = looped(w, h, xs);
  return outputs.map((y) => y.square()).reduce((a, b) => a.add(b), last.sum());
}

function close(actual: Variable, expected: Variable, tolerance = 1e-11): void {
  assertEquals([...actual.shape], [...expected.shape]);
  const e = expected.data;
  actual.data.forEach((x, i) => assertAlmostEquals(x, e[i]!, tolerance * Math.max(1, Math.abs(e[i]!))));
}

Deno.test("scan() gives the last state and the stacked outputs of a loop", () => {
  const [last, outputs] = network(w, h, xs);
  const [expected, list] = looped(w, h, xs);
  close(last, expected);
  assertEquals(outputs.shape, [40]);
  list.forEach((y, t) => assertAlmostEquals(outputs.data[t]!, y.item(), 1e-12));
});

Deno.test("scan() has the derivatives of a loop, by state, inputs and what the step uses beside", () => {
  const argnums = [0, 1, 2] as const;
  const found = grad(loss, { argnums })(w, h, xs);
  grad(loopedLoss, { argnums })(w, h, xs).forEach((g, i) => close(found[i]!, g));
  checkGradients((w: Variable) => loss(w, h, xs), [w], { tolerance: 1e-6 });
});

Deno.test("scan() is differentiated again, forwards, and mapped", () => {
  const f = (w: Variable): Variable => loss(w, h, xs);
  const g = (w: Variable): Variable => loopedLoss(w, h, xs);
  const direction = constant([1, -2, 0.5]);
  close(hvp(f)(w, direction), hvp(g)(w, direction), 1e-9);
  close(jvp(f)([w], [direction])[1], jvp(g)([w], [direction])[1], 1e-10);
  const many = constant([[0.3, -0.8, 1.1], [0.5, 0.5, 0.5]]);
  close(vmap(grad(f))(many), vmap(grad(g))(many), 1e-10);
});

Deno.test("scan() runs inside compile, and reads trainable Variables", () => {
  const c = compile(grad((w: Variable) => loss(w, h, xs)));
  close(c(w), grad((w: Variable) => loss(w, h, xs))(w));
  const trainable = variable([0.3, -0.8, 1.1]);
  loss(trainable, h, xs).backward();
  close(trainable.grad!, grad((w: Variable) => loss(w, h, xs))(w));
  assertEquals(tape.length, 0);
});

Deno.test("scan() takes trees as state, inputs and outputs", () => {
  const step = ({ a, n }: { a: Variable; n: Variable }, { x, y }: { x: Variable; y: Variable }) =>
    [{ a: a.add(x.mul(y)), n: n.add(1) }, []] as const;
  const start = { a: constant([0, 0]), n: constant(0) };
  const x = constant(Array.from({ length: 20 }, (_, t) => [t, 2 * t]));
  const y = constant(Array.from({ length: 20 }, (_, t) => t));
  const [{ a, n }, outputs] = scan(step, start, { x, y });
  assertEquals([a.value, n.item(), outputs.length], [[2470, 4940], 20, 0]);
});

Deno.test("scan() of few steps is recorded step by step", () => {
  const f = (w: Variable): Variable => loss(w, h, xs.slice(0, 3));
  close(grad(f)(w), grad((w: Variable) => loopedLoss(w, h, xs.slice(0, 3)))(w));
});

Deno.test("mistakes with scan() get errors of their own", () => {
  const fine = (s: Variable, x: Variable) => [s.add(x), s] as const;
  assertThrows(() => scan(fine, constant(0), constant(3)), TypeError, "need a first axis");
  assertThrows(
    () =>
      scan((s: Variable, x: Variable[]) => [s.add(x[0]!), s] as const, constant(0), [
        constant([1]),
        constant([1, 2]),
      ]),
    TypeError,
    "of the same length",
  );
  const grows = (s: Variable, x: Variable) => [s.add(x).reshape([1]), s] as const;
  assertThrows(
    () => scan(grows, constant(0), xs.slice([0, 0], [40, 1]).reshape([40])),
    TypeError,
    "a state like the one",
  );
  assertThrows(
    () => scan(((s: Variable) => s) as never, constant(0), xs),
    TypeError,
    "must return [state, output]",
  );
  const reads = (s: Variable, x: Variable) => [s.add(x.item()), s] as const;
  assertThrows(() => scan(reads, constant(0), constant(new Float64Array(0))), TypeError, "length 0");
  assertEquals([tape.length, tape.depth], [0, 0]);
});

Deno.test("scan() takes a branch on a value anew at each step, for short and for long loops", () => {
  const signs = (n: number): Variable => constant(Array.from({ length: n }, (_, i) => i % 2 === 0 ? 1 : -1));
  const bodies: readonly ((s: Variable, x: Variable) => Variable)[] = [
    (s, x) => x.gt(0).truthy() ? s.add(1) : s.add(10),
    (s, x) => x.item() > 0 ? s.add(1) : s.add(10),
    (s, x) => s.add(grad((y: Variable) => x.gt(0).truthy() ? y : y.mul(10))(s)),
  ];
  for (const body of bodies) {
    for (const n of [1, 7, 8, 20]) {
      const expected = 1 * Math.ceil(n / 2) + 10 * Math.floor(n / 2);
      const run = (s: Variable, xs: Variable): Variable => scan((t, x) => [body(t, x), []], s, xs)[0];
      assertEquals(run(constant(0), signs(n)).item(), expected);
      assertEquals(grad((s: Variable) => run(s.mul(2), signs(n)))(0), 2);
    }
  }
  const doubled = (s: Variable, xs: Variable): Variable =>
    scan((t, x) => [x.gt(0).truthy() ? t.mul(2) : t.add(x), []], s, xs)[0];
  assertEquals(compile(doubled)(constant(1), signs(10)).item(), doubled(constant(1), signs(10)).item());
  assertEquals(grad(compile(doubled))(constant(1), signs(10)).item(), 2 ** 5);
  assertEquals([tape.length, tape.depth], [0, 0]);
});

Deno.test("scan() runs a step that changes a Variable for each of the inputs", () => {
  const count = variable(0);
  const run = (): Variable =>
    scan(
      (s, x) => {
        count.assign(count.item() + 1);
        return [s.add(x), []];
      },
      constant(0),
      constant(new Float64Array(10).fill(2)),
    )[0];
  assertEquals([run().item(), count.item()], [20, 10]);
});

Deno.test("scan() over no steps gives the state back, and outputs of the shapes that steps would give", () => {
  const run = (s: Variable, xs: Variable): readonly [Variable, { a: Variable; b: Variable }] =>
    scan((t: Variable, x: Variable) => [t.mul(2), { a: t.sum(), b: x.mul(3) }] as const, s, xs);
  const none = constant(new NdArray(new Float32Array(0), [0, 4]));
  for (const f of [run, compile(run)]) {
    const [last, { a, b }] = f(constant([1, 2]), none);
    assertEquals([last.value, a.shape, b.shape, a.dtype, b.dtype], [
      [1, 2],
      [0],
      [0, 4],
      "float64",
      "float32",
    ]);
  }
  assertEquals(grad((s: Variable) => run(s, none)[0].sum())([1, 2]), [1, 1]);
});

Deno.test("scan() and whileLoop() read what is outside anew at each call", () => {
  let k = 2;
  let shift: Variable | number[] = [1, 1];
  const once = (): number[] => [
    scan((s: Variable, x: Variable) => [s.mul(k).add(x), []], constant(1), constant(new Float64Array(9)))[0]
      .item(),
    whileLoop((s: Variable) => s.lt(20), (s: Variable) => s.mul(k))(constant(1)).item(),
    whileLoop((s: Variable) => s.sum().lt(5), (s: Variable) => s.add(shift))(constant([0, 0])).sum().item(),
  ];
  assertEquals(once(), [2 ** 9, 32, 6]);
  k = 3;
  shift = [4, 4];
  assertEquals(once(), [3 ** 9, 27, 8]);
});

Deno.test("an eager scan() over more than a program should hold runs step by step, with the same result", () => {
  const [length, width] = [9, 2 ** 22];
  const xs = constant(new Float32Array(length * width).map((_, i) => i % 7 - 3)).reshape([length, width]);
  const start = zeros([width], { dtype: "float32" });
  const step = (s: Variable, x: Variable): readonly [Variable, readonly []] => [s.mul(0.5).add(x), []];
  const before = sharedMemory().buffer.byteLength;
  const [last] = scan(step, start, xs);
  let expected = start;
  for (let t = 0; t < length; t++) expected = step(expected, xs.slice(t, 1).reshape([width]))[0];
  assertEquals(last.data.subarray(0, 100), expected.data.subarray(0, 100));
  assert(sharedMemory().buffer.byteLength - before < 4 * length * width);
});

Deno.test("scan() takes numbers, arrays and objects of them, and its types say so", () => {
  const step = (s: { h: Variable }, x: Variable) => [{ h: s.h.add(x) }, s.h] as const;
  const [state, outputs]: [{ h: Variable }, Variable] = scan(step, { h: 0 }, [1, 2, 3]);
  assertEquals([state.h.value, outputs.value], [6, [0, 1, 3]]);
  const inferred = scan((s, x) => [s.add(x), s] as const, constant(0), constant([1, 2]))[0];
  assertEquals(inferred.item(), 3);
});
