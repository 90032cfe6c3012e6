/**
 * The same step of training here and under XLA, one after the other on this machine, and how long modules take to write.
 * Needs a Python with JAX in TAPEGRAD_PYTHON, and taskset for one thread under XLA.
 */
import { cpuUsage } from "node:process";
import { toStableHlo } from "../../src/export/mod.ts";
import { applyLayer, dense, dropout, initialize, sequential } from "../../src/nn/mod.ts";
import { adam, type OptimizerState, type Weights } from "../../src/optim/mod.ts";
import { foldIn, key, normal } from "../../src/random/mod.ts";
import { compile, valueAndGrad, type Variable, zeros } from "../../mod.ts";

const SECONDS = 3;
const BATCH = 128;

interface State {
  readonly parameters: Weights;
  readonly optimizer: OptimizerState;
}

const layer = sequential([
  dense({ units: 512, activation: "relu" }),
  dropout({ rate: 0.2 }),
  dense({ units: 256, activation: "relu" }),
  dense({ units: 10 }),
]);
const optimizer = adam({ learningRate: 0.001 });
const x = normal(key(1), [BATCH, 784]).cast("float32");
const { parameters } = initialize(layer, key(0), x);
const start: State = { parameters, optimizer: optimizer.init(parameters) };

function step(s: State, x: Variable): readonly [State, Variable] {
  const loss = (weights: Weights): Variable =>
    applyLayer(layer, { parameters: weights, state: {} }, x, {
      training: true,
      key: foldIn(key(5), s.optimizer.step),
    }).output.square().mean();
  const [value, slopes] = valueAndGrad(loss as (weights: Weights) => Variable)(s.parameters);
  const next = optimizer.update(slopes as Weights, s.optimizer, s.parameters);
  return [{ parameters: next.parameters, optimizer: next.state }, value];
}

/** Steps a second here. */
function measureHere(threads: number): number {
  using run = compile(step, { donate: [0], threads });
  const loop = run.loop(start);
  for (let i = 0; i < 5; i++) loop.next(x);
  const began = performance.now();
  let count = 0;
  while (performance.now() - began < 1000 * SECONDS) {
    loop.next(x);
    count++;
  }
  return 1000 * count / (performance.now() - began);
}

const SCRIPT = `
import sys, time, re, numpy as np, jax
jax.config.update("jax_enable_x64", True)
from jax.extend.backend import get_backend, get_compile_options
text = open(sys.argv[1]).read()
backend = get_backend("cpu")
devices = backend.local_devices()[:1]
began = time.perf_counter()
step = backend.compile_and_load(text, devices, get_compile_options(1, 1, np.array([[0]]), backend=backend))
compiled = time.perf_counter() - began
kinds = {"f32": np.float32, "f64": np.float64}
args = []
for shape in re.findall(r"%arg\\d+: tensor<([^>]*)>", text.split("->")[0]):
    *lengths, kind = shape.split("x")
    x = np.random.default_rng(0).normal(size=[int(n) for n in lengths]) * 0.05
    args.append(jax.device_put(np.abs(x).astype(kinds[kind]), devices[0]))
batch = args.pop()
def take(state):
    out = step.execute_sharded(state + [batch]).disassemble_into_single_device_arrays()
    return [a[0] for a in out[:-1]], out[-1][0]
for _ in range(5): args, loss = take(args)
loss.block_until_ready()
began, count = time.perf_counter(), 0
while time.perf_counter() - began < ${SECONDS}:
    args, loss = take(args)
    loss.block_until_ready()
    count += 1
print(count / (time.perf_counter() - began), compiled)
`;

/** Steps a second under XLA, and the seconds that it compiles. */
async function measureXla(path: string, processors: string): Promise<readonly [number, number]> {
  const python = Deno.env.get("TAPEGRAD_PYTHON") ?? "python3";
  const { success, stdout, stderr } = await new Deno.Command("taskset", {
    args: ["-c", processors, python, "-c", SCRIPT, path],
    env: { JAX_PLATFORMS: "cpu" },
  }).output();
  if (!success) throw new TypeError(new TextDecoder().decode(stderr));
  const [rate, seconds] = new TextDecoder().decode(stdout).trim().split(" ").map(Number);
  return [rate!, seconds!];
}

/** Milliseconds of processor time for the text of so many rows. */
function writeRows(rows: number): number {
  const f = (x: Variable): Variable => {
    let y = x;
    for (let i = 0; i < rows / 2; i++) y = y.mul(0.5).add(x);
    return y;
  };
  const began = cpuUsage();
  toStableHlo(f as (...args: never[]) => unknown, [zeros([16])]);
  const { user, system } = cpuUsage(began);
  return (user + system) / 1000;
}

writeRows(1000);
for (const rows of [10_000, 20_000, 40_000]) {
  console.log(`text of ${rows} rows: ${writeRows(rows).toFixed(0)} ms`);
}
const path = await Deno.makeTempFile({ suffix: ".mlir" });
await Deno.writeTextFile(
  path,
  toStableHlo(step as (...args: never[]) => unknown, [start, x], { donate: [0] }),
);
const rows: string[] = [];
for (const threads of [1, 2]) {
  const here = measureHere(threads);
  const [xla, seconds] = await measureXla(path, threads === 1 ? "0" : "0,1");
  rows.push(
    `${threads} thread${threads === 1 ? "" : "s"}: here ${here.toFixed(1)} steps/s, XLA ${
      xla.toFixed(1)
    } steps/s (compiled in ${seconds.toFixed(1)} s)`,
  );
}
await Deno.remove(path);
console.log(`MLP 784-512-256-10, batch ${BATCH}, dropout, adam, float32:\n${rows.join("\n")}`);
