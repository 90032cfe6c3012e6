/** Programs for several threads where other threads can't be had, or come late. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { compileGraph } from "../../../src/compiler/compile_graph.ts";
import { threadCount, threadPool } from "../../../src/compiler/runtime/threads.ts";
import { compile, constant, type Variable } from "../../../mod.ts";
import { assertSameValues, drawValues, graphOf } from "../graphs.ts";

/** Runs something with another class of workers; returns what was warned of meanwhile. */
async function withWorkers(worker: unknown, run: () => void | Promise<void>): Promise<string[]> {
  const global = globalThis as { Worker: unknown };
  const { Worker } = global;
  const { startLimit } = threadPool;
  const { warn } = console;
  const warnings: string[] = [];
  threadPool.stop();
  threadPool.hasWarned = false;
  threadPool.startLimit = 50;
  global.Worker = worker;
  console.warn = (text: string) => warnings.push(text);
  try {
    await run();
  } finally {
    threadPool.stop();
    global.Worker = Worker;
    console.warn = warn;
    Object.assign(threadPool, { startLimit, isAvailable: true, hasWarned: false });
  }
  return warnings;
}

/** A worker that never answers. */
class Silent {
  onerror: ((event: { message: string; preventDefault(): void }) => void) | null = null;
  postMessage(): void {}
  terminate(): void {}
}

const BROKEN: Record<string, { worker: unknown; warning: RegExp; isAvailable: boolean }> = {
  "are refused": {
    worker: class {
      constructor() {
        throw new DOMException("blob: is not allowed", "SecurityError");
      }
    },
    warning: /run in one thread: others can't be started, blob: is not allowed$/,
    isAvailable: false,
  },
  "never answer": {
    worker: Silent,
    warning: /run in one thread: others did not start within 50 ms, and are used as soon as they have$/,
    isAvailable: true,
  },
  "fail while they start": {
    worker: class extends Silent {
      constructor() {
        super();
        queueMicrotask(() => this.onerror!({ message: "not allowed here", preventDefault() {} }));
      }
    },
    warning: /run in one thread: others (did not start within 50 ms|can't be started)/,
    isAvailable: false,
  },
};

/** Loops, a product and a reduction. */
const GRAPH = graphOf([[600, 700], [700, 300]], (ops, x, y) => {
  const z = ops.tanh(ops.mul(x!, 1.5));
  const product = ops.matmul(z, y!, { transposeX: false, transposeY: false });
  return [product, ops.sum(ops.exp(product), { axes: [0, 1], keepDims: false }), ops.add(z, 1)];
});

for (const [how, { worker, warning, isAvailable }] of Object.entries(BROKEN)) {
  Deno.test(`where workers ${how}, a program for several threads runs in one, with the same bits, and says so once`, async () => {
    const values = drawValues(GRAPH, 3);
    const [alone, shared] = [1, 3].map((count) =>
      compileGraph(GRAPH, { target: "wasm", threading: { count, leastWork: 0 } })
    );
    const warnings = await withWorkers(worker, async () => {
      assertEquals(shared!.stats.threads, 3);
      for (let run = 0; run < 2; run++) {
        assertSameValues(shared!.run(values), alone!.run(values), 0);
        assertEquals(shared!.stats.threads, 1);
        await Promise.resolve();
      }
      assertEquals(threadPool.isAvailable, isAvailable);
      const later = compileGraph(GRAPH, { target: "wasm", threading: { count: 3, leastWork: 0 } });
      assertSameValues(later.run(values), alone!.run(values), 0);
      later.release();
    });
    assertEquals(warnings.length, 1);
    assertMatch(warnings[0]!, warning);
    // With workers that start it is in several threads again.
    assertSameValues(shared!.run(values), alone!.run(values), 0);
    assertEquals(shared!.stats.threads, 3);
    shared!.release();
    alone!.release();
  });
}

Deno.test("workers that come late are used from then on", async () => {
  const values = drawValues(GRAPH, 4);
  const [alone, shared] = [1, 3].map((count) =>
    compileGraph(GRAPH, { target: "wasm", threading: { count, leastWork: 0 } })
  );
  const RealWorker = Worker;
  const waiting: (() => void)[] = [];
  /** A worker that starts when it is let go. */
  class Late {
    #worker: Worker | undefined;
    readonly #messages: unknown[] = [];
    constructor(code: string, options: WorkerOptions) {
      waiting.push(() => {
        this.#worker = new RealWorker(code, options);
        for (const message of this.#messages) this.#worker.postMessage(message);
      });
    }
    postMessage(message: unknown): void {
      if (this.#worker === undefined) this.#messages.push(message);
      else this.#worker.postMessage(message);
    }
    terminate(): void {
      this.#worker?.terminate();
    }
  }
  await withWorkers(Late, async () => {
    assertSameValues(shared!.run(values), alone!.run(values), 0);
    assertEquals([shared!.stats.threads, waiting.length], [1, 2]);
    for (const start of waiting) start();
    threadPool.startLimit = 10_000;
    for (let run = 0; run < 1000 && shared!.stats.threads === 1; run++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      assertSameValues(shared!.run(values), alone!.run(values), 0);
    }
    assertEquals(shared!.stats.threads, 3);
    assertSameValues(shared!.run(values), alone!.run(values), 0);
  });
  shared!.release();
  alone!.release();
});

Deno.test("a program that a worker can't make ready is not run there, others are", async () => {
  const { module, imports } = moduleWithImport();
  const id = threadPool.add({
    module,
    imports: {
      ...imports,
      f: { kind: "function", source: "(() => { throw new TypeError('no such function') })()" },
    },
    libraries: {},
  });
  const warnings = await withWorkers(Worker, () => {
    threadPool.startLimit = 10_000;
    let runs = 0;
    for (let i = 0; i < 2; i++) assertEquals(threadPool.run(id, 2, 0, 0, () => runs++), false);
    assertEquals(runs, 0);
    using f = compile((x: Variable) => x.tanh().square().sum(), { threads: 2 });
    f(constant(new Float32Array(1 << 18)));
    assertEquals(f.stats()[0]!.threads, 2);
    assertEquals(threadPool.run(id, 2, 0, 0, () => runs++), false);
  });
  assertEquals(warnings.length, 1);
  assertMatch(warnings[0]!, /can't make the program ready, TypeError: no such function$/);
  threadPool.remove(id);
});

/** A module `(module (import "" "f" (func)))`. */
function moduleWithImport(): { module: WebAssembly.Module; imports: Record<string, never> } {
  const bytes = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 2, 6, 1, 0, 1, 0x66, 0, 0];
  return { module: new WebAssembly.Module(Uint8Array.from(bytes)), imports: {} };
}

Deno.test("where there are no workers, any number of threads is one, which is said if a number was asked for", async () => {
  const warnings = await withWorkers(undefined, () => {
    assertEquals(threadCount("auto"), 1);
    assertEquals(threadCount(1), 1);
    assert(!threadPool.hasWarned);
    assertEquals([threadCount(2), threadCount(3)], [1, 1]);
  });
  assertEquals(warnings.length, 1);
  assertMatch(warnings[0]!, /run in one thread: there are no workers here/);
});

Deno.test("where only some workers have ended, what works in place is done once", async () => {
  const { idleLimit } = threadPool;
  threadPool.stop();
  threadPool.idleLimit = 150;
  try {
    const numbers = constant(new Float32Array(1 << 19).map((_, i) => i));
    using inTwo = compile((x: Variable) => x.tanh().square().sum(), { threads: 2 });
    using inThree = compile((x: Variable) => x.mul(2).add(1).mul(0.5).add(0.25), { threads: 3, donate: [0] });
    let [x, steps] = [inThree(numbers), 1];
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 12; i++) {
        inTwo(numbers);
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
      x = inThree(x);
      steps++;
    }
    assertEquals(inThree.stats()[0]!.threads, 3);
    assertEquals(x.data, numbers.data.map((value) => value + 0.75 * steps));
  } finally {
    threadPool.idleLimit = idleLimit;
  }
});
