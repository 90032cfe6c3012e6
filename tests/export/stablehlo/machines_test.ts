/** examples/many_machines on eight virtual devices, in two processes, and in one that dies. */
import { fileURLToPath } from "node:url";
import { assert, assertEquals, assertLessOrEqual, assertNotEquals } from "@std/assert";
import { type Shardings, toStableHlo } from "../../../src/export/mod.ts";
import { loadModel, writeNpz } from "../../../src/io/mod.ts";
import { makeBatches, makeTraining } from "../../../examples/many_machines/training_step.ts";
import { compile, type Variable } from "../../../mod.ts";
import { python } from "./xla.ts";

const BATCH = 16;
const SIZE = 12;
const STEPS = 20;
const SCRIPT = fileURLToPath(new URL("../../../examples/many_machines/run.py", import.meta.url));
// JAX is missing: `pip install jax`, and name that Python in TAPEGRAD_PYTHON.
const ignore = python === undefined;

const BY_BATCH: Shardings = { mesh: { data: 8 }, inputs: { x: ["data"], y: ["data"] } };
const BY_BATCH_AND_UNITS: Shardings = {
  mesh: { data: 4, model: 2 },
  inputs: { x: ["data"], y: ["data"], "parameters/dense/kernel": [null, "model"] },
};

/** Writes the files of the example into a folder. */
async function writeStep(folder: string, shardings: Shardings = BY_BATCH): Promise<number[]> {
  const { model, state, step } = makeTraining(SIZE * SIZE, 0);
  const { x, y } = makeBatches(STEPS, BATCH, SIZE, 0);
  const batchAt = (i: number): [Variable, Variable] => [x.slice(i, 1).squeeze(0), y.slice(i, 1).squeeze(0)];
  const text = toStableHlo(step as (...args: never[]) => unknown, [state, ...batchAt(0)], {
    names: { inputs: ["", "x", "y"], outputs: ["", "loss"] },
    donate: [0],
    shardings,
  });
  await Deno.writeTextFile(`${folder}/step.mlir`, text);
  await model.save(`${folder}/model.safetensors`, { training: true });
  await writeNpz(`${folder}/batches.npz`, { x, y });
  using run = compile(step);
  const losses: number[] = [];
  let now = state;
  for (let i = 0; i < STEPS; i++) {
    const [next, loss] = run(now, ...batchAt(i));
    now = next;
    losses.push(loss.item());
  }
  return losses;
}

function start(folder: string, args: readonly string[], devices = 1): Deno.ChildProcess {
  return new Deno.Command(Deno.env.get("TAPEGRAD_PYTHON") ?? "python3", {
    args: [SCRIPT, folder, ...args],
    env: { XLA_FLAGS: `--xla_force_host_platform_device_count=${devices}`, JAX_PLATFORMS: "cpu" },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

const lossesIn = (text: string): number[] =>
  [...text.matchAll(/loss (\S+)/g)].map(([, loss]) => Number(loss));

async function lossesOf(process: Deno.ChildProcess): Promise<number[]> {
  const { success, stdout, stderr } = await process.output();
  if (!success) throw new TypeError(new TextDecoder().decode(stderr));
  return lossesIn(new TextDecoder().decode(stdout));
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

const together = (port: number, process: number): string[] => [
  "--coordinator",
  `127.0.0.1:${port}`,
  "--processes",
  "2",
  "--process",
  `${process}`,
];

function near(actual: readonly number[], expected: readonly number[]): void {
  assertEquals(actual.length, expected.length);
  actual.forEach((loss, i) => assertLessOrEqual(Math.abs(loss - expected[i]!), 2e-5, `step ${i + 1}`));
}

Deno.test({
  name:
    "20 steps under JAX have the losses that they have here, on one device, on eight, and in two processes",
  ignore,
  fn: async () => {
    const folder = await Deno.makeTempDir();
    try {
      const here = await writeStep(folder);
      near(await lossesOf(start(folder, [])), here);
      near(await lossesOf(start(folder, ["--out", `${folder}/eight.safetensors`], 8)), here);
      const port = freePort();
      const [first, second] = [0, 1].map((i) => start(folder, [...together(port, i), "--every", "7"]));
      const [losses] = await Promise.all([lossesOf(first!), lossesOf(second!)]);
      near(losses, here);
      const model = await loadModel(`${folder}/trained.safetensors`);
      assertEquals(model.trainingState().optimizer.step.item(), STEPS);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "parameters that are split along an axis of the mesh give the same losses, and are whole in the file",
  ignore,
  fn: async () => {
    const folder = await Deno.makeTempDir();
    try {
      const here = await writeStep(folder, BY_BATCH_AND_UNITS);
      near(await lossesOf(start(folder, [], 8)), here);
      const model = await loadModel(`${folder}/trained.safetensors`);
      assertEquals([...model.parameters["dense/kernel"]!.shape], [SIZE * SIZE, 128]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "a process that dies ends the run with an error, and the file of the last whole step can be loaded",
  ignore,
  fn: async () => {
    const folder = await Deno.makeTempDir();
    try {
      await writeStep(folder);
      const port = freePort();
      const [first, second] = [0, 1].map((i) =>
        start(folder, [...together(port, i), "--steps", "1000000", "--every", "5"])
      ) as [Deno.ChildProcess, Deno.ChildProcess];
      const ended = Promise.all([first.output(), second.output()]);
      const path = `${folder}/trained.safetensors`;
      while (await Deno.stat(path).then(() => false, () => true)) {
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      second.kill("SIGKILL");
      const [{ code, stdout }] = await ended;
      assertNotEquals(code, 0);
      const taken = lossesIn(new TextDecoder().decode(stdout)).length;
      const step = (await loadModel(path)).trainingState().optimizer.step.item();
      assertEquals(step % 5, 0);
      assert(step >= 5 && taken - step <= 5 && step <= taken, `${step} of ${taken}`);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
