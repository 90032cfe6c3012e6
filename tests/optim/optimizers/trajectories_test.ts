import { assert, assertEquals } from "@std/assert";
import * as optim from "../../../src/optim/mod.ts";
import type { Optimizer, OptimizerState } from "../../../src/optim/mod.ts";
import { grad } from "../../../src/transforms/mod.ts";
import { constant, type Variable } from "../../../src/variable/mod.ts";
import keras from "../../fixtures/framework/optimizers.json" with { type: "json" };
import torch from "../../fixtures/framework/torch_optimizers.json" with { type: "json" };

interface Values {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

interface Point {
  readonly w: Values;
  readonly b: Values;
  readonly average?: { readonly w: Values; readonly b: Values };
}

interface Case {
  readonly name: string;
  readonly kind: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly scale: number;
  readonly excludeFromWeightDecay?: readonly string[];
  readonly steps: readonly number[];
  readonly trajectory: readonly Point[];
}

type Pair = { w: Variable; b: Variable };
type Maker = (options: Readonly<Record<string, unknown>>) => Optimizer;

const MAKERS: { readonly [kind: string]: Maker } = {
  sgd: optim.sgd,
  adam: optim.adam,
  adamW: optim.adamW,
  nadam: optim.nadam,
  radam: optim.radam,
  rmsprop: optim.rmsprop,
  adagrad: optim.adagrad,
  adadelta: optim.adadelta,
  adamax: optim.adamax,
  lion: optim.lion,
  rprop: optim.rprop,
  asgd: optim.asgd,
};

/** PyTorch's names of options that are called otherwise here. */
const NAMES: { readonly [option: string]: string } = {
  lambd: "lambda",
  t0: "averageAfter",
  etaMinus: "shrink",
  etaPlus: "growth",
  minStep: "minimumStep",
  maxStep: "maximumStep",
};

/** Where Keras takes epsilon elsewhere than PyTorch, the trajectories of PyTorch are those that count. */
const SAME_IN_KERAS = ["sgd", "nadam", "lion", "adadelta"];

function read({ shape, data }: Values): Variable {
  return constant(Float64Array.from(data)).reshape([...shape]);
}

function compare(actual: Variable | undefined, expected: Values, what: string): void {
  assert(actual !== undefined, what);
  assertEquals([...actual.shape], [...expected.shape], what);
  const scale = Math.max(...expected.data.map(Math.abs));
  const found = actual.data;
  expected.data.forEach((value, i) => {
    assert(Math.abs(found[i]! - value) <= 1e-10 * scale, `${what}[${i}] is ${found[i]}, expected ${value}`);
  });
}

function optimizerOf(each: Case): Optimizer {
  const { useEma, emaMomentum, ...rest } = each.options;
  const options = {
    ...Object.fromEntries(Object.entries(rest).map(([key, value]) => [NAMES[key] ?? key, value])),
    ...(each.excludeFromWeightDecay && { excludeFromWeightDecay: each.excludeFromWeightDecay }),
  };
  const maker = MAKERS[each.kind];
  assert(maker !== undefined, each.kind);
  const optimizer = maker(options);
  return useEma === true ? optim.movingAverage(optimizer, { momentum: emaMomentum as number }) : optimizer;
}

/** What the state holds as an average: that of asgd, or that of movingAverage. */
function averageOf(parameters: Pair, state: OptimizerState): Pair {
  return state.slots.average as unknown as Pair | undefined ?? optim.averagedParameters(parameters, state);
}

function run(each: Case, problem: typeof torch.problem): void {
  const inputs = read(problem.inputs);
  const targets = read(problem.targets);
  const gradient = grad(({ w, b }: Pair) =>
    inputs.matmul(w).add(b).tanh().sub(targets).square().mean().mul(each.scale)
  );
  const optimizer = optimizerOf(each);
  let parameters: Pair = { w: read(problem.start.w), b: read(problem.start.b) };
  let state = optimizer.init(parameters);
  for (let step = 1; step <= problem.steps; step++) {
    ({ parameters, state } = optimizer.update(gradient(parameters), state, parameters));
    const point = each.trajectory[each.steps.indexOf(step)];
    if (point === undefined) continue;
    compare(parameters.w, point.w, `w after ${step} steps`);
    compare(parameters.b, point.b, `b after ${step} steps`);
    if (point.average === undefined) continue;
    const average = averageOf(parameters, state);
    compare(average.w, point.average.w, `the average of w after ${step} steps`);
    compare(average.b, point.average.b, `the average of b after ${step} steps`);
  }
}

for (const each of torch.cases as readonly Case[]) {
  Deno.test(`${each.name} takes the steps of PyTorch`, () => run(each, torch.problem));
}

for (const each of keras.cases as unknown as readonly Case[]) {
  if (!SAME_IN_KERAS.includes(each.kind)) continue;
  // Keras shrinks the weights before the step, whatever the optimizer is
  const options = "weightDecay" in each.options
    ? { ...each.options, decoupledWeightDecay: true }
    : each.options;
  Deno.test(`${each.name} takes the steps of Keras`, () => run({ ...each, options }, keras.problem));
}
