/** Programs in several threads: the same bits as in one, workers that come and go. */
import { assertEquals, assertLess, assertThrows } from "@std/assert";
import type { DType } from "../../../src/array/dtype.ts";
import type { Value } from "../../../src/array/value.ts";
import { type Shape, sizeOf } from "../../../src/array/shape.ts";
import { compileGraph } from "../../../src/compiler/compile_graph.ts";
import type { Graph } from "../../../src/compiler/graph/nodes.ts";
import { replay } from "../../../src/compiler/graph/interpret.ts";
import { threadCount, threadPool } from "../../../src/compiler/runtime/threads.ts";
import { compile, constant, grad, type Variable } from "../../../mod.ts";
import { assertSameValues, drawValues, graphOf } from "../graphs.ts";
import { randomNumbers } from "../random_programs.ts";

const DTYPES = ["float64", "float32"] as const;

/** Keeps the workers while it is in use, so that not every program starts its own. */
function keepWorkers(): Disposable {
  const module = new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
  const id = threadPool.add({ module, imports: {}, libraries: {} });
  return {
    [Symbol.dispose]: () => {
      threadPool.remove(id);
      assertEquals(threadPool.size, 0);
    },
  };
}

/** Runs a program in 1, 2 and 3 threads, however small its steps are, twice each; returns what it gives. */
function runInThreads(graph: Graph, values: readonly Value[], isShared = true): Value[] {
  const results = [1, 2, 3].map((count) => {
    const program = compileGraph(graph, { target: "wasm", threading: { count, leastWork: 0 } });
    assertEquals(program.stats.threads, isShared ? count : 1);
    program.run(values);
    const found = program.run(values);
    program.release();
    return found;
  });
  assertSameValues(results[1]!, results[0]!, 0, "two threads,");
  assertSameValues(results[2]!, results[0]!, 0, "three threads,");
  return results[0]!;
}

/** Checks that a program gives the same bits in any number of threads, and about what eager code gives. */
function checkThreads(graph: Graph, tolerance: number, isShared = true): void {
  const values = drawValues(graph, 1);
  assertSameValues(runInThreads(graph, values, isShared), replay(graph)(values), tolerance, "eager,");
}

const toleranceOf = (dtype: DType): number => dtype === "float64" ? 1e-12 : 2e-5;

for (const dtype of DTYPES) {
  Deno.test(`${dtype}: fused loops give the same bits in any number of threads`, () => {
    using _ = keepWorkers();
    const shapes: Shape[] = [[40], [1000], [1003], [37, 5], [64, 32], [5, 1, 33], [7, 3, 2], [2, 1001]];
    for (const shape of shapes) {
      const row = shape.slice(-1);
      const column = [...shape.slice(0, -1), 1];
      checkThreads(
        graphOf([shape, row, column, shape], (ops, x, y, z, w) => {
          const a = ops.tanh(ops.add(ops.mul(x!, y!), z!));
          // The second result takes the place of what the first one was computed from.
          const b = ops.mul(ops.exp(a), w!);
          const sums = ops.sum(ops.neg(b), { axes: [shape.length - 1], keepDims: false });
          return shape.length > 1 ? [ops.sub(b, a), sums] : [ops.sub(b, a)];
        }, dtype),
        toleranceOf(dtype) * 100,
      );
    }
  });

  Deno.test(`${dtype}: reductions over all axes, rows and columns give the same bits in any number of threads`, () => {
    using _ = keepWorkers();
    const cases: [shape: Shape, axes: number[], isShared: boolean][] = [
      [[1 << 17], [0], true],
      [[(1 << 18) + 5], [0], true],
      [[(1 << 17) - 1], [0], false],
      [[700, 301], [0, 1], true],
      [[700, 301], [0], true],
      [[700, 301], [1], true],
      [[20_000, 7], [0], true],
      [[20_000, 7], [1], true],
      // The results of the chunks would take as much room as what is added up.
      [[13, 20_001], [0], false],
      [[13, 20_001], [1], true],
      [[30, 70, 66], [0], false],
      [[30, 70, 66], [0, 2], true],
      [[30, 70, 66], [1, 2], true],
      // What belongs to one step along the first axis has to be whole vectors.
      [[30, 70, 66], [1], dtype === "float64"],
      [[31, 70, 64], [1], true],
      [[31, 7, 5, 12], [1, 2], true],
      [[31, 7, 8, 13], [1, 3], true],
    ];
    for (const [shape, axes, isShared] of cases) {
      checkThreads(
        graphOf([shape], (ops, x) => {
          const y = ops.mul(x!, ops.sub(x!, 0.25));
          return [
            ops.sum(y, { axes, keepDims: false }),
            ops.max(y, { axes, keepDims: false }),
            ops.min(ops.neg(y), { axes, keepDims: false }),
          ];
        }, dtype),
        toleranceOf(dtype) * 1e3,
        isShared,
      );
    }
  });

  Deno.test(`${dtype}: matrix products of many sizes give the same bits in any number of threads`, () => {
    using _ = keepWorkers();
    const random = randomNumbers(7);
    const sizes = [1, 2, 5, 6, 7, 16, 17, 31, 48, 65, 97, 130, 300];
    const pick = (): number => sizes[Math.floor(random() * sizes.length)]!;
    for (let i = 0; i < 40; i++) {
      const [rows, depth, columns] = [pick(), pick(), pick()];
      const [transposeX, transposeY] = [random() < 0.5, random() < 0.5];
      const batch = random() < 0.6 ? [] : random() < 0.5 ? [2] : [3, 2];
      const x = [...(random() < 0.3 ? [] : batch), ...(transposeX ? [depth, rows] : [rows, depth])];
      const y = [...(random() < 0.3 ? [] : batch), ...(transposeY ? [columns, depth] : [depth, columns])];
      checkThreads(
        graphOf([x, y], (ops, x, y) => ops.matmul(ops.neg(x!), y!, { transposeX, transposeY }), dtype),
        toleranceOf(dtype) * 100,
      );
    }
  });
}

Deno.test("batches of matrices that are repeated in no regular way are shared as well, or run in one thread", () => {
  for (
    const [x, y, isShared] of [[[2, 1, 9, 8], [1, 3, 8, 40], true], [
      [5, 1, 4, 4],
      [1, 5, 4, 4],
      false,
    ]] as const
  ) {
    checkThreads(
      graphOf([[...x], [...y]], (ops, x, y) => ops.matmul(x!, y!, { transposeX: false, transposeY: false })),
      1e-12,
      isShared,
    );
  }
});

Deno.test("random programs give the same bits in any number of threads", () => {
  using _ = keepWorkers();
  for (let seed = 0; seed < 60; seed++) {
    const random = randomNumbers(seed);
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
    const [rows, columns] = [2 + Math.floor(random() * 40), 1 + Math.floor(random() * 40)];
    const graph = graphOf([[rows, columns], [columns], [rows, 1], [rows, columns]], (ops, ...inputs) => {
      const nodes = [...inputs];
      for (let i = 0; i < 14; i++) {
        const [x, y] = [pick(nodes), pick(nodes)];
        const kind = random();
        if (kind < 0.6) nodes.push(ops.tanh(pick([ops.add, ops.sub, ops.mul])(x, y)));
        else if (kind < 0.7) nodes.push(ops.sin(x));
        else if (kind < 0.85) {
          nodes.push(ops.sum(x, { axes: [pick(x.shape.map((_, k) => k))], keepDims: true }));
        } else nodes.push(ops.matmul(inputs[0]!, inputs[3]!, { transposeX: true, transposeY: false }));
        const last = nodes.at(-1)!;
        const fits = last.shape.every((n, k) => {
          const whole = [rows, columns].at(k - last.shape.length)!;
          return n === 1 || n === whole;
        });
        if (!fits) nodes.pop();
      }
      return nodes.slice(4);
    }, pick(DTYPES));
    const values = drawValues(graph, seed);
    const results = [1, 2, 3].map((count) => {
      const program = compileGraph(graph, { target: "wasm", threading: { count, leastWork: 0 } });
      const found = program.run(values);
      program.release();
      return found;
    });
    assertSameValues(results[1]!, results[0]!, 0, `seed ${seed}, two threads,`);
    assertSameValues(results[2]!, results[0]!, 0, `seed ${seed}, three threads,`);
  }
});

/** Weights of a network 200-160-5 with the state of their optimizer, and a step that changes both. */
function network(): {
  state: () => Variable[];
  step: (state: Variable[], x: Variable, y: Variable) => Variable[];
} {
  const random = randomNumbers(3);
  const array = (...shape: number[]): Variable =>
    constant(Float32Array.from({ length: sizeOf(shape) }, () => random() - 0.5)).reshape(shape);
  const weights = [array(200, 160), array(160), array(160, 5), array(5)];
  const loss = (parameters: Variable[], x: Variable, y: Variable): Variable => {
    const [w, b, v, c] = parameters as [Variable, Variable, Variable, Variable];
    return x.matmul(w).add(b).relu().matmul(v).add(c).sub(y).square().mean();
  };
  return {
    state: () => [...weights, ...weights.map((w) => w.mul(0)), ...weights.map((w) => w.mul(0).add(1))],
    step: (state, x, y) => {
      const [parameters, momentum, scale] = [state.slice(0, 4), state.slice(4, 8), state.slice(8)];
      const gradient = grad(loss)(parameters, x, y) as Variable[];
      const next = momentum.map((m, i) => m.mul(0.9).add(gradient[i]!.mul(0.1)));
      const size = scale.map((s, i) => s.mul(0.99).add(gradient[i]!.square().mul(0.01)));
      const moved = parameters.map((p, i) => p.sub(next[i]!.div(size[i]!.sqrt().add(1e-3)).mul(0.01)));
      return [...moved, ...next, ...size];
    },
  };
}

Deno.test("training a network gives the same bits in any number of threads, with state that stays in memory", () => {
  const random = randomNumbers(4);
  const x = constant(Float32Array.from({ length: 128 * 200 }, () => random() - 0.5)).reshape([128, 200]);
  const y = constant(Float32Array.from({ length: 128 * 5 }, () => random() - 0.5)).reshape([128, 5]);
  const results = [1, 2, 3].map((threads) => {
    const { state: first, step } = network();
    using compiled = compile(step, { threads, donate: [0] });
    let state = first();
    for (let i = 0; i < 20; i++) state = compiled(state, x, y);
    assertEquals(compiled.stats().map((s) => s.threads), [threads]);
    const loopStep = (state: Parameters<typeof step>[0], x: Variable, y: Variable) =>
      [step(state, x, y)] as const;
    using looped = compile(loopStep, { threads, donate: [0] });
    const loop = looped.loop(first());
    for (let i = 0; i < 20; i++) loop.next(x, y);
    assertEquals(loop.state().map((variable) => variable.data), state.map((variable) => variable.data));
    return state.map((variable) => variable.data);
  });
  assertEquals(results[1], results[0]);
  assertEquals(results[2], results[0]);
  assertEquals(threadPool.size, 0);
});

/** A function whose program is worth several threads. */
const large = (x: Variable): Variable => x.tanh().square().mul(x.sigmoid()).sum();
const numbers = constant(new Float32Array(1 << 18).map((_, i) => Math.sin(i)));

Deno.test("workers start at the first call, are shared, and end with the last function that uses them", () => {
  const expected = compile(large)(numbers).item();
  const [f, g] = [compile(large, { threads: 2 }), compile((x: Variable) => large(x.neg()), { threads: 3 })];
  assertEquals(threadPool.size, 0);
  assertEquals(f(numbers).item(), expected);
  assertEquals(threadPool.size, 1);
  g(numbers);
  assertEquals(threadPool.size, 2);
  f[Symbol.dispose]();
  assertEquals(threadPool.size, 2);
  assertEquals(g(numbers.neg()).item(), expected);
  g[Symbol.dispose]();
  assertEquals(threadPool.size, 0);
  // Called again, it starts anew.
  assertEquals(f(numbers).item(), expected);
  assertEquals(threadPool.size, 1);
  f[Symbol.dispose]();
  f[Symbol.dispose]();
  assertEquals(threadPool.size, 0);
});

Deno.test("small programs run in one thread, whatever is asked for", () => {
  using f = compile(large, { threads: 2 });
  f(constant([1, 2, 3]));
  assertEquals([f.stats()[0]!.threads, threadPool.size], [1, 0]);
});

Deno.test('"auto" takes the processors there are, at most 4; a wrong number of threads is refused', () => {
  assertEquals(threadCount("auto"), Math.min(4, navigator.hardwareConcurrency));
  for (const threads of [0, -1, 1.5, 17, NaN, "two" as "auto"]) {
    assertThrows(() => compile(large, { threads }), RangeError, "threads");
  }
});

Deno.test("workers that sleep wake up, and those that have ended are started again", async () => {
  const { idleLimit } = threadPool;
  threadPool.idleLimit = 150;
  try {
    using f = compile(large, { threads: 3 });
    const expected = f(numbers).item();
    for (const pause of [50, 50, 400, 0]) {
      await new Promise((resolve) => setTimeout(resolve, pause));
      assertEquals(f(numbers).item(), expected);
    }
  } finally {
    threadPool.idleLimit = idleLimit;
  }
});

/** Runs a script that has `f`, a function in two threads, and its argument `x`; returns what it prints. */
async function runScript(script: string): Promise<string> {
  const code = `
    import { compile, constant } from ${JSON.stringify(import.meta.resolve("../../../mod.ts"))};
    const f = compile((x) => x.tanh().square().mul(x.sigmoid()).sum(), { threads: 2 });
    const x = constant(new Float32Array(1 << 18));
    f(x);
    ${script}
  `;
  const directory = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${directory}/main.js`, code);
    const { code: status, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", `${directory}/main.js`],
    }).output();
    assertEquals(status, 0);
    return new TextDecoder().decode(stdout).trim();
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

const canRun = (await Deno.permissions.query({ name: "run" })).state === "granted";

Deno.test({
  name: "a process that did not dispose of its functions ends all the same, without permissions",
  ignore: !canRun,
}, async () => {
  assertEquals(await runScript("console.log(f.stats()[0].threads);"), "2");
});

Deno.test({
  name: "workers take little processor time while they have nothing to do",
  ignore: !canRun,
}, async () => {
  const used = await runScript(`
    import { cpuUsage } from "node:process";
    const before = cpuUsage();
    await new Promise((resolve) => setTimeout(resolve, 400));
    const { user, system } = cpuUsage(before);
    console.log((user + system) / 1000);
  `);
  assertLess(Number(used), 100, `${used} ms`);
});

Deno.test("functions of the host run in other threads where these can make them, and in this one otherwise", () => {
  const angles = constant(new Float64Array(40_000).map((_, i) => (i - 20_000) * 1e6));
  const cases: [f: (x: Variable) => Variable, threads: number][] = [
    [(x) => x.sin().add(x.cos()), 3],
    [(x) => x.cbrt().mul(x).tanh().exp().sigmoid(), 3],
    [(x) => x.mul(1e-9).square().add(1).lgamma().mul(x).tanh().exp().sigmoid(), 1],
  ];
  for (const [f, most] of cases) {
    const [expected, found] = [1, 3].map((threads) => {
      using compiled = compile(f, { threads });
      const { data } = compiled(angles);
      assertEquals(compiled.stats()[0]!.threads, threads === 1 ? 1 : most);
      return data;
    });
    assertEquals(found, expected);
  }
});
