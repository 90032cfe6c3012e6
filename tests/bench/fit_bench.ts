/**
 * What `fit` costs beside a compiled step written by hand: processor time, alternating, the ratio within each round.
 *
 *     deno task bench:fit [--only small|big|iris|memory] [--rounds 5]
 *
 * The step by hand has no metric and sees one batch again and again; `fit` shuffles its rows, measures accuracy and
 * gives the event loop its turns.
 */
import { cpuUsage } from "node:process";
import { parseArgs } from "@std/cli";
import { arange, compile, constant, valueAndGrad, type Variable } from "../../mod.ts";
import { loadIris } from "../../src/data/mod.ts";
import { batchNormalization, dense, dropout, type Sequential, sequential } from "../../src/nn/mod.ts";
import { adam, type Optimizer, sgd, type Weights } from "../../src/optim/mod.ts";
import { key, normal, uniform } from "../../src/random/mod.ts";

/** A stack of dense layers. */
interface Case {
  readonly name: string;
  readonly dims: readonly number[];
  readonly batch: number;
  readonly steps: number;
  readonly optimizer: () => Optimizer;
}

const CASES: readonly Case[] = [
  {
    name: "small",
    dims: [784, 128, 10],
    batch: 64,
    steps: 400,
    optimizer: () => sgd({ learningRate: 0.01 }),
  },
  {
    name: "big",
    dims: [784, 512, 512, 10],
    batch: 128,
    steps: 40,
    optimizer: () => adam({ learningRate: 1e-3 }),
  },
];

/** Processor time so far, in milliseconds. */
function now(): number {
  const { user, system } = cpuUsage();
  return (user + system) / 1000;
}

/** Steps of one batch, compiled by hand. */
function byHand({ dims, batch, steps, optimizer }: Case, x: Variable, y: Variable): () => void {
  const rule = optimizer();
  const start: Weights = Object.fromEntries(
    dims.slice(1).flatMap((units, i) => [
      [`w${i}`, normal(key(i), [dims[i]!, units], { standardDeviation: 0.05, dtype: "float32" })],
      [`b${i}`, constant(new Float32Array(units))],
    ]),
  );
  const lossOf = (p: Weights, x: Variable, y: Variable): Variable => {
    let h = x;
    for (let i = 0; i + 1 < dims.length; i++) {
      h = h.matmul(p[`w${i}`]!).add(p[`b${i}`]!);
      if (i + 2 < dims.length) h = h.relu();
    }
    const classes = arange(0, dims.at(-1)!, 1, { dtype: "float32" });
    return h.softmaxCrossEntropy(y.reshape([batch, 1]).eq(classes));
  };
  type State = { p: Weights; o: ReturnType<Optimizer["init"]> };
  const step = compile((s: State, x: Variable, y: Variable) => {
    const [loss, gradients] = valueAndGrad((p: Weights) => lossOf(p, x, y))(s.p);
    const next = rule.update(gradients as Weights, s.o, s.p);
    return [{ p: next.parameters as Weights, o: next.state }, loss] as const;
  }, { donate: [0] });
  const loop = step.loop({ p: start, o: rule.init(start) });
  const [xs, ys] = [x.slice([0, 0], [batch, dims[0]!]), y.slice([0], [batch])];
  return () => {
    for (let i = 0; i < steps; i++) loop.next(xs, ys)[0].item();
  };
}

/** A model with, or without, dropout and batch normalization. */
function modelOf({ dims, optimizer }: Case, extras: string): Sequential {
  const layers = dims.slice(1, -1).flatMap((units) => [
    dense({ units, activation: "relu" }),
    ...extras.includes("batch normalization") ? [batchNormalization()] : [],
    ...extras.includes("dropout") ? [dropout({ rate: 0.5 })] : [],
  ]);
  const model = sequential([...layers, dense({ units: dims.at(-1)!, activation: "softmax" })]);
  model.compile({
    optimizer: optimizer(),
    loss: "sparseCategoricalCrossentropy",
    metrics: ["accuracy"],
  });
  return model;
}

async function compareSteps(what: Case, rounds: number): Promise<void> {
  const { dims, batch, steps } = what;
  const rows = batch * steps;
  const x = uniform(key(1), [rows, dims[0]!], { dtype: "float32" });
  const y = constant(Float32Array.from({ length: rows }, (_, i) => i % dims.at(-1)!));
  const hand = "by hand";
  const tasks: Record<string, () => unknown> = { [hand]: byHand(what, x, y) };
  for (const name of ["plain", "dropout", "batch normalization", "dropout, batch normalization"]) {
    const model = modelOf(what, name);
    tasks[name] = () => model.fit(x, y, { batchSize: batch });
  }
  const times: Record<string, number[]> = {};
  for (let round = -1; round < rounds; round++) {
    for (const [name, run] of Object.entries(tasks)) {
      const start = now();
      await run();
      if (round < 0) {
        console.log(`${what.name} ${name}: the first epoch takes ${(now() - start).toFixed(0)} ms`);
        continue;
      }
      await run();
      (times[name] ??= []).push((now() - start) / 2 / steps);
    }
  }
  for (const [name, each] of Object.entries(times)) {
    const ratios = each.map((time, round) => times[hand]![round]! / time).sort((a, b) => a - b);
    const best = Math.min(...times[hand]!) / Math.min(...each);
    console.log(
      `${what.name} ${name}: ${(1000 * Math.min(...each)).toFixed(0)} us a step, ` +
        `${(100 * ratios[ratios.length >> 1]!).toFixed(1)}% (median), ${(100 * best).toFixed(1)}% (best)`,
    );
  }
}

function iris(): () => Promise<unknown> {
  const { features, labels } = loadIris({ classes: ["setosa", "versicolor"] });
  const model = sequential([
    dense({ units: 3, activation: "sigmoid" }),
    dense({ units: 1, activation: "sigmoid" }),
  ]);
  model.compile({ optimizer: sgd({ learningRate: 1 }), loss: "binaryCrossentropy", metrics: ["accuracy"] });
  return () => model.fit(features, labels, { epochs: 30, batchSize: "full" });
}

/** 30 epochs of Iris in a model that has been trained before. */
async function measureIris(): Promise<void> {
  const run = iris();
  for (let i = 0; i < 200; i++) await run();
  const times: number[] = [];
  for (let i = 0; i < 20; i++) {
    const start = now();
    for (let k = 0; k < 20; k++) await run();
    times.push((now() - start) / 20);
  }
  times.sort((a, b) => a - b);
  console.log(
    `iris, 30 epochs warm: ${times[0]!.toFixed(3)} ms (best), ${times[10]!.toFixed(3)} ms (median)`,
  );
}

/** Memory after some ten thousands of steps. */
async function measureMemory(): Promise<void> {
  const run = iris();
  for (let steps = 30; steps <= 100_000; steps += 30) {
    await run();
    if (steps % 24_990 !== 0) continue;
    const { heapUsed, external, rss } = Deno.memoryUsage();
    const [heap, outside, all] = [heapUsed, external, rss].map((bytes) => (bytes / 2 ** 20).toFixed(1));
    console.log(`memory after ${steps} steps: heap ${heap} MB, external ${outside} MB, process ${all} MB`);
  }
}

if (import.meta.main) {
  const { only, rounds } = parseArgs(Deno.args, { string: ["only", "rounds"] });
  const isWanted = (name: string): boolean => only === undefined || only === name;
  for (const what of CASES) if (isWanted(what.name)) await compareSteps(what, Number(rounds ?? 5));
  if (isWanted("iris")) await measureIris();
  if (isWanted("memory")) await measureMemory();
}
