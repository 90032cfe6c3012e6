/** A compiled training loop allocates nothing that grows. */
import { setFlagsFromString } from "node:v8";
import { fileURLToPath } from "node:url";
import { runInNewContext } from "node:vm";
import { assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import { memoryInUse } from "../../../src/compiler/wasm/linear_memory.ts";
import { compile, constant, NdArray, tape, valueAndGrad, type Variable } from "../../../mod.ts";
import { randomNumbers } from "../../compiler/random_programs.ts";

type Parameters = { readonly w: Variable; readonly b: Variable };

const next = randomNumbers(1);
const batch = (rows: number, columns: number): Variable =>
  constant(new NdArray(Float32Array.from({ length: rows * columns }, () => next() - 0.5), [rows, columns]));

setFlagsFromString("--expose_gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Heap in use once all garbage is collected. */
async function heapInUse(): Promise<number> {
  // What weak references hold is let go of after the current task.
  await new Promise((resolve) => setTimeout(resolve, 0));
  collectGarbage();
  return Deno.memoryUsage().heapUsed;
}

/** How often a test takes a step; 100,000 stay as flat. */
const STEPS = 20_000;

for (const how of ["calls", "donated calls", "steps of a loop"] as const) {
  Deno.test(`${STEPS} ${how} of a compiled training step leave nothing behind`, async () => {
    using step = compile((p: Parameters, x: Variable, y: Variable) => {
      const loss = (p: Parameters): Variable => x.matmul(p.w).add(p.b).tanh().sub(y).square().mean();
      const [value, g] = valueAndGrad(loss)(p);
      return [{ w: p.w.sub(g.w.mul(0.1)), b: p.b.sub(g.b.mul(0.1)) }, value] as const;
    }, how === "calls" ? {} : { donate: [0] });
    const [x, y] = [batch(32, 40), batch(32, 20)];
    let p: Parameters = { w: batch(40, 20), b: batch(1, 20) };
    const loop = how === "steps of a loop" ? step.loop(p) : null;
    let loss: Variable | undefined;
    const run = (steps: number): void => {
      for (let i = 0; i < steps; i++) {
        if (loop !== null) [loss] = loop.next(x, y);
        else [p, loss] = step(p, x, y);
      }
    };
    run(STEPS / 4);
    const [first, heap, inside] = [loss!.item(), await heapInUse(), memoryInUse()];
    const { external } = Deno.memoryUsage();
    run(STEPS);
    assertEquals(memoryInUse(), inside);
    assertLess(loss!.item(), first);
    assertLess(await heapInUse() - heap, 300_000);
    assertLess(Deno.memoryUsage().external - external, 300_000);
    assertEquals([tape.length, step.stats().length], [0, 1]);
    assertEquals(step.stats()[0]!.target, "wasm");
  });
}

Deno.test("a loop keeps the programs of a function that nobody else holds, and lets go of them with itself", async () => {
  const before = memoryInUse();
  let recordings = 0;
  const run = async (): Promise<number> => {
    const f = (p: Variable, x: Variable) => {
      recordings++;
      return [p.add(x)] as const;
    };
    const loop = compile(f, { donate: [0] }).loop(constant(new Float64Array(1000)));
    for (let i = 0; i < 4; i++) {
      loop.next(constant(new Float64Array(1000).fill(1)));
      await heapInUse();
    }
    return loop.state().data[999]!;
  };
  assertEquals([await run(), recordings], [4, 1]);
  for (let i = 0; i < 10 && memoryInUse() > before; i++) await heapInUse();
  assertLess(memoryInUse(), before + 1);
});

Deno.test("programs that are dropped from the cache give their memory back", () => {
  const f = compile(
    (x: Variable) => x.mul(constant(new Float64Array(x.size).fill(0.5).map((v, i) => v + i))).exp(),
    {
      cacheSize: 2,
    },
  );
  const of = (n: number): void => void f(constant(new Float64Array(n)));
  of(1000);
  of(1001);
  of(1002);
  const inside = memoryInUse();
  for (let round = 0; round < 30; round++) for (const n of [1000, 1001, 1002]) of(n);
  assertEquals(memoryInUse(), inside);
  assertEquals(f.stats().length, 2);
});

Deno.test("1,000,000 donated steps in one task run in a heap of 128 MB", async () => {
  const { stdout, stderr, code } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--no-check", "--config", fileURLToPath(import.meta.resolve("../../../deno.json"))],
      ...[
        "--v8-flags=--max-old-space-size=128",
        fileURLToPath(import.meta.resolve("./donated_loop.ts")),
        "1000000",
      ],
    ],
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr).slice(-1000));
  const { loss, w, b, grown, target } = JSON.parse(new TextDecoder().decode(stdout));
  assertLess(loss, 1e-9);
  assertAlmostEquals(w, 2, 1e-4);
  assertAlmostEquals(b, 1, 1e-4);
  assertEquals([grown, target], [0, "wasm"]);
});
