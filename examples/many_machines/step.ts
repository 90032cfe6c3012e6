/** Writes the step of a small model as StableHLO, with its parameters and batches, for `run.py` to run anywhere. */
import { parseArgs } from "@std/cli/parse-args";
import { toStableHlo } from "../../src/export/mod.ts";
import { writeNpz } from "../../src/io/mod.ts";
import { checkFolder, fail, orFail, readNumber, rejectUnknown } from "../_command_line.ts";
import { makeBatches, makeTraining } from "./training_step.ts";

const HELP = `Writes step.mlir, model.safetensors and batches.npz.

Usage: deno task export:step [options]
  --out DIR      where they go (default: out)
  --steps N      how many batches are written (default: 20)
  --batch N      examples in each, split over all devices (default: 64)
  --devices N    of how many the batch has to be a multiple (default: 8); run.py takes the number that there are
  --size N       height and width of the pictures (default: 16)
  --seed N       for parameters, dropout and pictures (default: 0)
  --precision P  full, default or bfloat16 for products (default: full)
  --help         print this`;

const flags = parseArgs(Deno.args, {
  string: ["out", "steps", "batch", "devices", "size", "seed", "precision"],
  boolean: ["help"],
  default: { out: "out", precision: "full" },
  unknown: rejectUnknown,
});
if (flags.help) {
  console.log(HELP);
  Deno.exit(0);
}
const isCount = (n: number): boolean => Number.isSafeInteger(n) && n >= 1;
const count = (name: "steps" | "batch" | "devices" | "size", otherwise: number): number =>
  readNumber(name, flags[name], isCount, "an integer from 1 up") ?? otherwise;
const seed =
  readNumber("seed", flags.seed, (n) => Number.isSafeInteger(n) && n >= 0, "an integer from 0 up") ?? 0;
const [steps, batch, devices, size] = [
  count("steps", 20),
  count("batch", 64),
  count("devices", 8),
  count("size", 16),
];
if (!["full", "default", "bfloat16"].includes(flags.precision)) {
  fail(`Cannot compute products in ${flags.precision}: use full, default or bfloat16`);
}
const precision = flags.precision as "full" | "default" | "bfloat16";

const files = ["step.mlir", "model.safetensors", "batches.npz"];
await checkFolder(flags.out, files);
await orFail(async () => {
  const { model, state, step } = makeTraining(size * size, seed);
  const { x, y } = makeBatches(steps, batch, size, seed);
  const text = toStableHlo(step, [
    state,
    x.slice(0, 1).reshape([batch, size * size]),
    y.slice(0, 1).reshape([batch]),
  ], {
    names: { inputs: ["", "x", "y"], outputs: ["", "loss"] },
    donate: [0],
    shardings: { mesh: { data: devices }, inputs: { x: ["data"], y: ["data"] } },
    precision,
  });
  await Deno.writeTextFile(`${flags.out}/step.mlir`, text);
  await model.save(`${flags.out}/model.safetensors`, { training: true });
  await writeNpz(`${flags.out}/batches.npz`, { x, y });
});
console.log(files.map((file) => `${flags.out}/${file}`).join("\n"));
