import { readInteger } from "../../_internal/readers/mod.ts";
import { allocate, type DType } from "../../array/dtype.ts";
import { NdArray } from "../../array/nd_array.ts";
import type { Weights } from "../../optim/mod.ts";
import { type BlasChoice, compile } from "../../transforms/mod.ts";
import { flattenTree, noGrad, type Tree, unflattenTree, type Variable } from "../../variable/mod.ts";
import { untracked } from "../../variable/variable.ts";
import { runLayer } from "../core/apply_layer.ts";
import type { AnyLayer, Layer } from "../core/layer.ts";
import { type DataPlan, readInputs, rowsOf } from "./data.ts";
import { readsValues } from "./runner.ts";
import { EAGER_CALLS, inputTree, weightCount, WORK_TO_COMPILE } from "./trainer.ts";

/** How predictions are made. */
export interface PredictOptions {
  /** Examples at a time; 32 by default. */
  readonly batchSize: number | undefined;
  readonly compile: boolean | undefined;
  /** Lends the weights. */
  withWeights(f: (parameters: Weights, state: Weights) => Tree<Variable>): Tree<Variable>;
}

/** Computes the outputs of a model, eagerly for a few calls and compiled after. */
export class Predictor {
  readonly #eager: (parameters: Weights, state: Weights, x: unknown) => unknown;
  readonly #compiled: (parameters: Weights, state: Weights, x: unknown) => unknown;
  #calls = 0;
  #readsValues = false;

  constructor(layer: AnyLayer, dtype: DType, blas: BlasChoice = false) {
    this.#eager = (parameters, state, x) =>
      runLayer(layer as unknown as Layer<unknown, unknown>, { parameters, state }, x, { dtype }).output;
    this.#compiled = compile(this.#eager, { blas });
  }

  /** The output for all rows, computed in batches. */
  run(
    plan: Omit<DataPlan, "outputs">,
    x: unknown,
    { batchSize = 32, compile, withWeights }: PredictOptions,
  ): Tree<Variable> {
    if (batchSize !== Infinity) readInteger("predict", "the option batchSize", batchSize, 1);
    const inputs = readInputs(plan, x, 0);
    const rows = inputs[0]?.shape[0] ?? 0;
    const call = (from: number, to: number): Tree<Variable> => {
      const part = from === 0 && to === rows ? inputs : inputs.map((array) => rowsOf(array, from, to));
      const values = inputTree(plan.inputs, part);
      return withWeights((parameters, state) => this.#call(parameters, state, values, to - from, compile));
    };
    if (rows <= batchSize) return call(0, rows);
    const parts: Tree<Variable>[] = [];
    for (let from = 0; from < rows; from += batchSize) {
      parts.push(call(from, Math.min(rows, from + batchSize)));
    }
    const lists = parts.map((part) => flattenTree<Variable>(part));
    return unflattenTree(
      parts[0]!,
      lists[0]!.map((_, i) => joinRows(lists.map((list) => list[i]!.toArray()))),
    );
  }

  #call(
    parameters: Weights,
    state: Weights,
    x: unknown,
    rows: number,
    wanted: boolean | undefined,
  ): Tree<Variable> {
    const pays = ++this.#calls > EAGER_CALLS ||
      rows * weightCount({ parameters, state }) > WORK_TO_COMPILE;
    if ((wanted ?? pays) && rows > 0 && !this.#readsValues) {
      try {
        return noGrad(() => this.#compiled(parameters, state, x)) as Tree<Variable>;
      } catch (error) {
        if (wanted !== undefined || !readsValues(error)) throw error;
        this.#readsValues = true;
      }
    }
    return noGrad(() => this.#eager(parameters, state, x)) as Tree<Variable>;
  }
}

/** Arrays one after the other along their first axis. */
function joinRows(parts: readonly NdArray[]): Variable {
  const [first] = parts as readonly [NdArray];
  const rows = parts.reduce((sum, { shape }) => sum + shape[0]!, 0);
  const data = allocate(first.dtype, parts.reduce((sum, { size }) => sum + size, 0));
  let at = 0;
  for (const part of parts) {
    data.set(part.data, at);
    at += part.size;
  }
  return untracked(new NdArray(data, [rows, ...first.shape.slice(1)]), first.dtype);
}
