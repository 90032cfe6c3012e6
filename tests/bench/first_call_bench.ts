/**
 * What the first call of a compiled function costs, and where: each case in a process of its own, in milliseconds.
 *
 *     deno task bench:first [--only transformer] [--rounds 5]
 *
 * A row has processor and wall time of the first call, then processor time of the tenth, then the stages of another
 * first call by a profile: each sample belongs to the innermost function of a stage. Engines compile WebAssembly beside
 * the program too, so that processor time may be more than wall time.
 */
import { cpuUsage } from "node:process";
import { parseArgs } from "@std/cli";

/** The cases of the comparison with peers, by short names. */
const CASES: Readonly<Record<string, string>> = {
  transformer: "transformer of 4 blocks, 8 rows of 64 x 128, SGD",
  "conv net": "conv net of 32 and 64 channels, batch 32, SGD",
  LSTM: "LSTM of 128 units, 32 rows of 50 steps, SGD",
  MLP: "MLP 784-128-10, batch 64, SGD",
  "scalar Rosenbrock": "scalar Rosenbrock 1000, value and gradient",
};

/** The folder of each stage's code; what is called from a stage and has none of its own belongs to it. */
const STAGES: Readonly<Record<string, RegExp>> = {
  passes: /src\/compiler\/(passes|graph)\//,
  planning: /src\/compiler\/plan\//,
  emitting: /src\/compiler\/(emit|wasm|math|scalar|kernels)\//,
  linking: /src\/compiler\/runtime\//,
  tracing: /src\/(transforms|functions|variable|tape|primitives)\//,
};

/** What a first call took. */
interface Times {
  readonly processor: number;
  readonly wall: number;
  readonly later: number;
}

function processorTime(): number {
  const { user, system } = cpuUsage();
  return (user + system) / 1000;
}

/** In the process of a case: the first call, and perhaps the tenth. */
async function measure(name: string, isOnce: boolean): Promise<Times> {
  const { tapegradTasks } = await import("./peers/tapegrad.ts");
  const task = await tapegradTasks[CASES[name]!]!();
  // What the data of the cases has left.
  (globalThis as { gc?: () => void }).gc?.();
  const [before, start] = [processorTime(), performance.now()];
  await task.run();
  const [processor, wall] = [processorTime() - before, performance.now() - start];
  if (isOnce) return { processor, wall, later: NaN };
  for (let i = 0; i < 8; i++) await task.run();
  const last = processorTime();
  await task.run();
  return { processor, wall, later: processorTime() - last };
}

/** Runs a case in a process of its own. */
async function runAlone(name: string, flags: readonly string[] = [], isOnce = false): Promise<Times> {
  const { stdout, success } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--no-check", "--v8-flags=--expose-gc", ...flags, new URL(import.meta.url).pathname],
      ...["--case", name, ...(isOnce ? ["--once"] : [])],
    ],
    stderr: "inherit",
  }).output();
  if (!success) throw new TypeError(`Cannot measure ${name}: its process failed`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** A profile as V8 writes it. */
interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** Milliseconds of a first call in each stage. */
async function findStages(name: string): Promise<Record<string, number>> {
  const folder = await Deno.makeTempDir();
  try {
    await runAlone(name, ["--cpu-prof", "--cpu-prof-interval=200", `--cpu-prof-dir=${folder}`], true);
    const [file] = [...Deno.readDirSync(folder)];
    return stagesOf(JSON.parse(await Deno.readTextFile(`${folder}/${file!.name}`)));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function stagesOf({ nodes, samples, timeDeltas }: Profile): Record<string, number> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const stageOf = (id: number): string | undefined => {
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      const { url } = byId.get(at)!.callFrame;
      const stage = Object.keys(STAGES).find((name) => STAGES[name]!.test(url));
      if (stage !== undefined) return stage;
    }
    return undefined;
  };
  const found: Record<string, number> = {};
  samples.forEach((id, i) => {
    const stage = stageOf(id);
    if (stage !== undefined) found[stage] = (found[stage] ?? 0) + timeDeltas[i]! / 1000;
  });
  return found;
}

async function main(): Promise<void> {
  const { case: single, once, only, rounds } = parseArgs(Deno.args, {
    string: ["case", "only", "rounds"],
    boolean: ["once"],
    default: { rounds: "5" },
  });
  if (single !== undefined) return console.log(JSON.stringify(await measure(single, once)));
  for (const name of Object.keys(CASES)) {
    if (only !== undefined && only !== name) continue;
    const times: Times[] = [];
    for (let i = 0; i < Number(rounds); i++) times.push(await runAlone(name));
    const least = (key: keyof Times): string => Math.min(...times.map((t) => t[key])).toFixed(0);
    const stages = await findStages(name);
    const parts = Object.keys(STAGES).map((stage) => `${stage} ${(stages[stage] ?? 0).toFixed(0)}`);
    console.log(
      `${name}: ${least("processor")} ms, wall ${least("wall")}, later ${least("later")}; ${
        parts.join(", ")
      }`,
    );
  }
}

await main();
