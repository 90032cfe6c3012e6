import { randomOrder } from "../../_internal/threefry.ts";
import type { DType } from "../../array/dtype.ts";
import type { NdArray } from "../../array/nd_array.ts";
import type { Shape } from "../../array/shape.ts";
import type { OptimizerState, Weights } from "../../optim/mod.ts";
import { foldIn, type Key } from "../../random/mod.ts";
import { compile } from "../../transforms/mod.ts";
import { flattenTree, noGrad, type Tree, unflattenTree, type Variable } from "../../variable/mod.ts";
import { untracked } from "../../variable/variable.ts";
import type { Logs } from "../callbacks/callback.ts";
import { runLayer } from "../core/apply_layer.ts";
import { hashText } from "../core/hash.ts";
import type { AnyLayer, Layer } from "../core/layer.ts";
import { namedLeaves, type TensorSpec } from "../core/spec.ts";
import { explainLoss } from "../losses/loss.ts";
import { entriesOf } from "../metrics/logs.ts";
import type { Totals } from "../metrics/metric.ts";
import type { Built } from "../models/store.ts";
import { isTrained } from "../models/summary.ts";
import { keyFor, type OutputPlan, type ReadCompileOptions } from "./compile_options.ts";
import { type Examples, sliceExamples } from "./data.ts";
import { firstFlag, readsValues, type StepResult, StepRunner } from "./runner.ts";
import type { BatchSource } from "./sources.ts";
import {
  type BatchVariables,
  type EvaluationStep,
  makeEvaluationStep,
  makeTrainingStep,
  startTotals,
  type TrainingState,
} from "./step.ts";
import type { Turns } from "./turns.ts";

/** What is fixed about a model that is trained. */
export interface TrainerParts {
  readonly layer: AnyLayer;
  readonly dtype: DType;
  readonly key: Key;
}

/** How many calls run eagerly before the function is compiled, and how much work makes one compile at once. */
export const EAGER_CALLS = 3;
export const WORK_TO_COMPILE = 2e7;

/** How many examples are predicted before training, to see whether they are probabilities. */
const ROWS_TO_CHECK = 32;

/** Trains and measures a model whose shapes are known: holds the state of training, and the compiled steps. */
export class Trainer {
  /** How each output is trained. */
  readonly plans: readonly OutputPlan[];
  /** How many epochs were begun. */
  epochs = 0;
  readonly #options: ReadCompileOptions;
  readonly #built: Built;
  readonly #parts: TrainerParts;
  readonly #trained: ReadonlySet<string>;
  readonly #evaluate: EvaluationStep;
  readonly #evaluateCompiled: EvaluationStep;
  readonly #runner: StepRunner;
  /** Whether steps were taken that the model does not know of. */
  #isAhead = false;
  #isChecked = false;
  #evaluations = 0;
  #readsValues = false;

  constructor(parts: TrainerParts, options: ReadCompileOptions, built: Built, frozen: ReadonlySet<AnyLayer>) {
    this.#parts = parts;
    this.#options = options;
    this.#built = built;
    this.plans = options.plan(namedLeaves(built.outputs).map(({ name }) => name));
    // Layers that are made on the spot are not known by identity, they speak for themselves.
    const isTrainable = (layer: AnyLayer): boolean =>
      built.paths.has(layer) ? !frozen.has(layer) : layer.trainable;
    this.#trained = new Set(
      Object.keys(built.parameters).filter((path) => isTrained(built, path, isTrainable)),
    );
    const { layer, dtype } = parts;
    const plan = { layer, dtype, outputs: this.plans, optimizer: options.optimizer, isTrainable };
    this.#evaluate = makeEvaluationStep(plan);
    this.#evaluateCompiled = compile(this.#evaluate, { blas: options.blas });
    const state = this.#stateWith(options.optimizer.init(this.#part(true)));
    const key = foldIn(parts.key, hashText("steps"));
    this.#runner = new StepRunner(makeTrainingStep(plan), state, key, options.blas);
    this.#runner.frozen = this.#part(false);
    built.settle = () => this.settle();
  }

  /** The weights of the model that are trained, or the others. */
  #part(isTrained: boolean): Weights {
    const entries = Object.entries(this.#built.parameters);
    return Object.fromEntries(entries.filter(([path]) => this.#trained.has(path) === isTrained));
  }

  get #outputShapes(): Shape[] {
    return namedLeaves(this.#built.outputs).map(({ leaf }) => leaf.shape);
  }

  #stateWith(optimizer: OptimizerState): TrainingState {
    return {
      trainable: this.#part(true),
      state: this.#built.state,
      optimizer,
      totals: startTotals(this.plans, this.#outputShapes),
    };
  }

  /** The optimizer's state as it is. */
  get optimizer(): OptimizerState {
    return this.#runner.state.optimizer;
  }

  /** Changes the optimizer's state. */
  set optimizer(optimizer: OptimizerState) {
    this.#runner.state = { ...this.#runner.state, optimizer };
  }

  /** The factor of the learning rate. */
  get rate(): number {
    return this.#runner.withState(({ optimizer }) => optimizer.rate.item());
  }

  /** Puts what was trained where the model finds it. */
  settle(): void {
    if (!this.#isAhead) return;
    const { trainable, state } = this.#runner.state;
    this.#built.parameters = { ...this.#built.parameters, ...trainable };
    this.#built.state = state;
    this.#isAhead = false;
  }

  /** Lends the weights as they are; what the function has not read of them can't be read any more after it. */
  withWeights<T>(f: (parameters: Weights, state: Weights) => T): T {
    const { parameters, state } = this.#built;
    if (!this.#isAhead) return f(parameters, state);
    return this.#runner.withState((current) => f({ ...parameters, ...current.trainable }, current.state));
  }

  /** Goes on from the weights that the model has now. */
  reload(): void {
    this.#runner.state = this.#stateWith(this.optimizer);
    this.#runner.frozen = this.#part(false);
    this.#isAhead = false;
  }

  /** The batches of the next epoch. */
  nextBatches(source: BatchSource, shuffle: boolean): Iterator<Examples> | AsyncIterator<Examples> {
    const number = this.epochs++;
    const { rows } = source;
    if (rows === undefined || !shuffle) return source.epoch(undefined, number);
    const key = foldIn(foldIn(this.#parts.key, hashText("order")), number).toArray().data;
    return source.epoch(randomOrder(key[0] ?? 0, key[1] ?? 0, rows), number);
  }

  /**
   * Takes a step of training.
   *
   * @throws {RangeError} If the loss is not defined for what the model predicts
   */
  step(batch: Examples, isFirst: boolean, isCompiled: boolean | undefined): StepResult {
    if (!this.#isChecked) {
      this.#checkPredictions(sliceExamples(batch, 0, Math.min(batch.rows, ROWS_TO_CHECK)));
      this.#isChecked = true;
    }
    const result = this.#runner.run(this.#variables(batch), isFirst, isCompiled ?? this.#options.compile);
    this.#isAhead = true;
    if (Number.isNaN(result.loss)) this.#checkPredictions(batch);
    return result;
  }

  /**
   * Refuses predictions that a loss is not defined for, before anything is trained and where it has become NaN.
   *
   * @throws {RangeError} If there are some
   */
  #checkPredictions(batch: Examples): void {
    const { activations } = this.#built;
    const unknown = (i: number): boolean => activations[i] === undefined;
    if (!this.plans.some(({ loss }, i) => loss.domain !== undefined && unknown(i))) return;
    const { x } = this.#variables(batch);
    const output = noGrad(() =>
      this.withWeights((parameters, state) =>
        runLayer(this.#parts.layer as unknown as Layer<unknown, unknown>, { parameters, state }, x, {
          dtype: this.#parts.dtype,
        }).output
      )
    );
    flattenTree(output as Tree<Variable>).forEach((predictions, i) => {
      if (unknown(i)) explainLoss(this.plans[i]!.loss, predictions.toArray());
    });
  }

  /** The numbers that totals give. */
  logs(totals: TrainingState["totals"], scalarsOnly: boolean): Logs {
    const logs: Logs = { loss: quotient(totals["loss"]!) };
    for (const { name } of this.plans) {
      if (name !== "") logs[keyFor(name, "loss")] = quotient(totals[keyFor(name, "loss")]!);
    }
    for (const { metrics } of this.plans) {
      for (const { key, metric } of metrics) {
        if (scalarsOnly && Object.values(totals[key]!).some(({ rank }) => rank > 0)) continue;
        const result = noGrad(() => metric.result(totals[key]!));
        for (const [name, value] of entriesOf(key, result)) logs[name] = value;
      }
    }
    return logs;
  }

  /** Measures batches that are there. */
  measure(batches: Iterable<Examples>, isCompiled?: boolean): Logs {
    const run = this.#measurement(isCompiled);
    for (const batch of batches) run.add(batch);
    return run.logs();
  }

  /** Measures the batches of a source, with turns for the event loop. */
  async measureSource(source: BatchSource, turns: Turns, isCompiled?: boolean): Promise<Logs> {
    const run = this.#measurement(isCompiled);
    const batches = source.epoch(undefined, 0);
    try {
      for (let next = await batches.next(); !next.done; next = await batches.next()) {
        run.add(next.value);
        if (turns.isDue) await turns.take();
      }
    } finally {
      await batches.return?.();
    }
    return run.logs();
  }

  #measurement(isCompiled: boolean | undefined): { add(batch: Examples): void; logs(): Logs } {
    let totals = startTotals(this.plans, this.#outputShapes);
    let isFirst = true;
    const add = (batch: Examples): void => {
      const { x, y, weights } = this.#variables(batch);
      const evaluate = (parameters: Weights, state: Weights): TrainingState["totals"] =>
        noGrad(() =>
          this.#evaluateOnce(
            [totals, parameters, state, x, y, weights, firstFlag(isFirst)],
            batch.rows,
            isCompiled,
          )
        );
      totals = this.withWeights(evaluate);
      isFirst = false;
      if (Number.isNaN(totals["loss"]?.["sum"]?.item())) this.#checkPredictions(batch);
    };
    return { add, logs: () => this.logs(totals, false) };
  }

  #evaluateOnce(
    args: Parameters<EvaluationStep>,
    rows: number,
    isCompiled: boolean | undefined,
  ): TrainingState["totals"] {
    const wanted = isCompiled ?? this.#options.compile;
    const pays = ++this.#evaluations > EAGER_CALLS || rows * weightCount(this.#built) > WORK_TO_COMPILE;
    if ((wanted ?? pays) && !this.#readsValues) {
      try {
        return this.#evaluateCompiled(...args)[0];
      } catch (error) {
        if (this.#options.compile !== undefined || !readsValues(error)) throw error;
        this.#readsValues = true;
      }
    }
    return this.#evaluate(...args)[0];
  }

  #variables({ x, y, weights }: Examples): BatchVariables {
    const toVariable = (array: NdArray): Variable => untracked(array, array.dtype);
    return {
      x: inputTree(this.#built.inputs, x),
      y: y.map(toVariable),
      weights: weights === undefined ? undefined : toVariable(weights),
    };
  }
}

/** Arrays as Variables, in the structure of a model's input. */
export function inputTree(inputs: Tree<TensorSpec>, x: readonly NdArray[]): unknown {
  return unflattenTree(inputs, x.map((array) => untracked(array, array.dtype)));
}

/** The number of weights that take part in a call. */
export function weightCount({ parameters, state }: Pick<Built, "parameters" | "state">): number {
  return [...Object.values(parameters), ...Object.values(state)].reduce((sum, { size }) => sum + size, 0);
}

function quotient({ sum, count }: Totals): number {
  return (sum?.item() ?? 0) / (count?.item() ?? 0);
}
