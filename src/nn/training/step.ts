import { isPlainObject } from "../../_internal/containers.ts";
import { describeValue } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import type { DType } from "../../array/dtype.ts";
import { fullArray } from "../../array/nd_array.ts";
import type { Shape } from "../../array/shape.ts";
import { where } from "../../functions/mod.ts";
import type { Optimizer, OptimizerState, Weights } from "../../optim/mod.ts";
import { foldIn, type Key } from "../../random/mod.ts";
import { valueAndGrad } from "../../transforms/mod.ts";
import { constant, flattenTree, type Tree, type Variable } from "../../variable/mod.ts";
import { runLayer } from "../core/apply_layer.ts";
import type { AnyLayer, Layer } from "../core/layer.ts";
import { maskOf } from "../core/notes.ts";
import { meanLoss } from "../losses/loss.ts";
import { addTotals, type Totals } from "../metrics/metric.ts";
import { keyFor, type OutputPlan } from "./compile_options.ts";

/** Everything that a step of training changes. */
export type TrainingState = {
  readonly trainable: Weights;
  readonly state: Weights;
  readonly optimizer: OptimizerState;
  /** Of the loss, and of each metric by its key. */
  readonly totals: { readonly [key: string]: Totals };
};

/** What goes into a step, beside the state. */
export interface BatchVariables {
  readonly x: unknown;
  /** Labels of each output. */
  readonly y: readonly Variable[];
  /** How much each example counts, `[batch]`. */
  readonly weights: Variable | undefined;
}

/** What the steps of a model are made of. */
export interface StepPlan {
  readonly layer: AnyLayer;
  readonly dtype: DType;
  readonly outputs: readonly OutputPlan[];
  readonly optimizer: Optimizer;
  readonly isTrainable: (layer: AnyLayer) => boolean;
}

/** A step of training: a pure function of Variables, compiled as a whole. */
export type TrainingStep = (
  state: TrainingState,
  frozen: Weights,
  x: unknown,
  y: readonly Variable[],
  weights: Variable | undefined,
  key: Key,
  first: Variable,
) => readonly [state: TrainingState, loss: Variable, totals: TrainingState["totals"]];

/** A step of evaluation. */
export type EvaluationStep = (
  totals: TrainingState["totals"],
  parameters: Weights,
  state: Weights,
  x: unknown,
  y: readonly Variable[],
  weights: Variable | undefined,
  first: Variable,
) => readonly [totals: TrainingState["totals"], loss: Variable];

/** The totals before the first batch, for outputs of given shapes, without the batch axis. */
export function startTotals(
  outputs: readonly OutputPlan[],
  shapes: readonly Shape[],
): TrainingState["totals"] {
  const number = (): Variable => constant(0);
  const loss = (): Totals => ({ sum: number(), count: number() });
  const totals: Record<string, Totals> = { loss: loss() };
  for (const { name } of outputs) if (name !== "") totals[keyFor(name, "loss")] = loss();
  outputs.forEach(({ metrics }, i) => {
    for (const { key, metric } of metrics) {
      const wanted = typeof metric.totals === "function" ? metric.totals(shapes[i] ?? []) : metric.totals;
      totals[key] = Object.fromEntries(
        Object.entries(wanted).map(([name, shape]) => [
          name,
          shape.length === 0 ? number() : constant(fullArray(shape, 0, "float64")),
        ]),
      );
    }
  });
  return totals;
}

/** What a run of the model on a batch gives. */
interface Measured {
  readonly outputs: readonly Variable[];
  readonly masks: readonly (Variable | null)[];
  readonly losses: readonly Variable[];
  readonly total: Variable;
}

/** Makes the step of training. */
export function makeTrainingStep(plan: StepPlan): TrainingStep {
  const { optimizer } = plan;
  return (state, frozen, x, y, weights, key, first) => {
    const constraints = new Map<string, (parameter: Variable) => Variable>();
    const lossOf = (trainable: Weights): readonly [Variable, Measured & { readonly state: Weights }] => {
      const { run, output } = runLayer(
        plan.layer as unknown as Layer<unknown, unknown>,
        { parameters: { ...trainable, ...frozen }, state: state.state },
        x,
        {
          training: true,
          key: () => foldIn(key, state.optimizer.step),
          dtype: plan.dtype,
          isTrainable: plan.isTrainable,
        },
      );
      run.constraints.forEach((constraint, path) => constraints.set(path, constraint));
      const measured = measure(plan.outputs, output, y, weights, run.losses);
      return [measured.total, { ...measured, state: { ...state.state, ...run.updates } }];
    };
    const [[loss, found], gradients] = differentiate(lossOf, state.trainable);
    const updated = optimizer.update(gradients, state.optimizer, state.trainable);
    checkUpdate(optimizer.name, updated);
    const parameters = Object.fromEntries(
      Object.entries(updated.parameters).map((
        [path, value],
      ) => [path, constraints.get(path)?.(value) ?? value]),
    );
    // A loss that is no number ends training, with the state as it was before.
    const ok = loss.isFinite();
    const keep = <T>(next: T, before: T): T => keepIf(ok, next, before);
    const totals = addToTotals(plan.outputs, reset(state.totals, first), found, loss, y, weights);
    const next = {
      trainable: keep<Weights>(parameters, state.trainable),
      state: keep<Weights>(found.state, state.state),
      optimizer: keep(updated.state, state.optimizer),
      totals,
    };
    return [next, loss, totals];
  };
}

/** Refuses what an optimizer of one's own gives in place of parameters and state. */
function checkUpdate(name: string, updated: unknown): void {
  if (isPlainObject(updated) && isPlainObject(updated["parameters"]) && isPlainObject(updated["state"])) {
    return;
  }
  throw new TypeError(
    message`Cannot train with the optimizer ${name}: update() gives ${describeValue(updated)}, let it return
    { parameters, state }`,
  );
}

/** Makes the step of evaluation. */
export function makeEvaluationStep(
  { layer, dtype, outputs }: Pick<StepPlan, "layer" | "dtype" | "outputs">,
): EvaluationStep {
  return (totals, parameters, state, x, y, weights, first) => {
    const { run, output } = runLayer(layer as unknown as Layer<unknown, unknown>, { parameters, state }, x, {
      dtype,
    });
    const found = measure(outputs, output, y, weights, run.losses);
    return [addToTotals(outputs, reset(totals, first), found, found.total, y, weights), found.total];
  };
}

/** `valueAndGrad` by weights, of which there may be none. */
function differentiate<A>(
  f: (weights: Weights) => readonly [Variable, A],
  weights: Weights,
): [[Variable, A], Weights] {
  if (Object.keys(weights).length === 0) return [[...f(weights)], {}];
  const transformed = valueAndGrad(f as (weights: Weights) => readonly [Variable, never], { hasAux: true });
  return (transformed as unknown as (weights: Weights) => [[Variable, A], Weights])(weights);
}

function measure(
  plans: readonly OutputPlan[],
  output: unknown,
  y: readonly Variable[],
  weights: Variable | undefined,
  added: readonly Variable[],
): Measured {
  const outputs = flattenTree(output as Tree<Variable>);
  const masks = outputs.map((each) => maskOf(each));
  const losses = plans.map(({ loss }, i) => meanLoss(loss, y[i]!, outputs[i]!, weights, masks[i]));
  const weighted = losses.map((loss, i) => {
    const { weight } = plans[i]!;
    return weight === 1 ? loss : loss.mul(weight);
  });
  const total = [...weighted, ...added].reduce((sum, part) => sum.add(part));
  return { outputs, masks: masks.map((mask) => mask ?? null), losses, total };
}

function addToTotals(
  plans: readonly OutputPlan[],
  totals: TrainingState["totals"],
  { outputs, masks, losses }: Measured,
  loss: Variable,
  y: readonly Variable[],
  weights: Variable | undefined,
): TrainingState["totals"] {
  const rows = y[0]!.shape[0] ?? 1;
  const mean = (key: string, value: Variable): Totals =>
    addTotals(totals[key]!, { sum: value.cast("float64").mul(rows), count: rows });
  const next: Record<string, Totals> = { loss: mean("loss", loss) };
  plans.forEach(({ name, metrics }, i) => {
    if (name !== "") next[keyFor(name, "loss")] = mean(keyFor(name, "loss"), losses[i]!);
    for (const { key, metric, isWeighted } of metrics) {
      const counts = weightsFor(isWeighted ? weights : undefined, masks[i] ?? undefined);
      next[key] = metric.update(totals[key]!, y[i]!, outputs[i]!, counts);
    }
  });
  // The state of a loop has the same structure before and after.
  return Object.fromEntries(Object.keys(totals).map((key) => [key, next[key]!]));
}

/** Weights of examples times a mask of their steps. */
function weightsFor(weights: Variable | undefined, mask: Variable | undefined): Variable | undefined {
  if (mask === undefined || weights === undefined) return mask ?? weights;
  return mask.mul(weights.reshape([...weights.shape, ...mask.shape.slice(weights.rank).map(() => 1)]));
}

/** Totals, or 0 in the first batch of an epoch. */
function reset(totals: TrainingState["totals"], first: Variable): TrainingState["totals"] {
  const mapped = (each: Totals): Totals =>
    Object.fromEntries(Object.entries(each).map(([name, total]) => [name, where(first, 0, total)]));
  return Object.fromEntries(Object.entries(totals).map(([key, each]) => [key, mapped(each)]));
}

/** The tree `next` where a condition holds, else `before`. */
function keepIf<T>(ok: Variable, next: T, before: T): T {
  if (next === before) return next;
  if (isRecord(next) && isRecord(before)) {
    return Object.fromEntries(
      Object.keys(next).map((name) => [name, keepIf(ok, next[name], before[name])]),
    ) as T;
  }
  return where(ok, next as unknown as Variable, before as unknown as Variable) as unknown as T;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
