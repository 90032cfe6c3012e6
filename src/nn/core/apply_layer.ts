import { isPlainObject } from "../../_internal/containers.ts";
import { describeValue } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import { readOptions } from "../../_internal/readers/mod.ts";
import { checkDType, type DType } from "../../array/dtype.ts";
import type { Weights } from "../../optim/mod.ts";
import { readKey } from "../../random/keys.ts";
import type { Key } from "../../random/mod.ts";
import { flattenTree, noGrad, type Tree, Variable } from "../../variable/mod.ts";
import { isLayer, type Layer } from "./layer.ts";
import { Run, type RunOptions } from "./run.ts";

/** What a layer needs beside its input. */
export interface LayerWeights {
  /** What is trained, by path. */
  readonly parameters: Weights;
  /** What is kept between calls, by path. */
  readonly state: Weights;
}

/** What a call of a layer gives. */
export interface LayerResult<O> {
  /** What it computed. */
  readonly output: O;
  /** The state after the call. */
  readonly state: Weights;
  /** Numbers that belong to the loss: regularizers, and what `addLoss` was given. */
  readonly losses: readonly Variable[];
}

/** How a layer is applied. */
export interface ApplyOptions {
  /** Whether layers such as dropout work as in training; false by default. */
  readonly training?: boolean;
  /** Where random numbers come from; needed in training by layers that draw some. */
  readonly key?: Key | null;
}

/**
 * Makes the start values of a layer's parameters and state.
 *
 * @param layer The layer, or a model
 * @param key Where random numbers come from: each parameter's follow from it and the parameter's path
 * @param x An input `[batch, ...]` of the shapes that the layer is for, in the structure of its input
 * @param options The dtype; by default that of the input
 * @throws {TypeError} If the shapes do not fit
 *
 * @example
 * ```ts
 * import { zeros } from "@tapegrad/tapegrad";
 * import { dense, initialize } from "@tapegrad/tapegrad/nn";
 * import { key } from "@tapegrad/tapegrad/random";
 *
 * const { parameters } = initialize(dense({ units: 2 }), key(0), zeros([1, 3]));
 * console.log(parameters["kernel"]!.shape, parameters["bias"]!.shape); // [3, 2] [2]
 * ```
 */
export function initialize<I, O>(
  layer: Layer<I, O>,
  key: Key,
  x: I,
  options: { readonly dtype?: DType } = {},
): LayerWeights {
  readOptions<{ dtype?: DType }, { dtype: undefined }>("initialize", options, { dtype: undefined });
  if (options.dtype !== undefined) checkDType(options.dtype);
  if (!isLayer(layer)) throw new TypeError(message`Cannot initialize ${describeValue(layer)}: pass a layer`);
  const [first] = flattenTree(x as Tree<unknown>);
  if (!(first instanceof Variable)) {
    throw new TypeError(message`Cannot initialize a ${layer.kind} layer: its input has no Variable`);
  }
  readKey("initialize", key);
  const run = new Run({ mode: "initialize", key, dtype: options.dtype ?? first.dtype });
  noGrad(() => void run.start(layer, x));
  return { parameters: run.parameters, state: run.state };
}

/**
 * Applies a layer as a pure function of its weights, so that every transform works over it.
 *
 * @param layer The layer, or a model
 * @param weights What {@linkcode initialize} or a model gave
 * @param x The input `[batch, ...]`, in the structure that the layer takes
 * @param options Whether as in training, and a key for it
 * @throws {TypeError} If weights are missing, or shapes do not fit
 *
 * @example
 * ```ts
 * import { constant, grad, type Variable } from "@tapegrad/tapegrad";
 * import { applyLayer, dense, initialize } from "@tapegrad/tapegrad/nn";
 * import { key } from "@tapegrad/tapegrad/random";
 *
 * const layer = dense({ units: 1 });
 * const x = constant([[1, 2]]);
 * const { parameters, state } = initialize(layer, key(0), x);
 * const total = (p: { readonly [path: string]: Variable }) =>
 *   applyLayer(layer, { parameters: p, state }, x).output.sum();
 * console.log(grad(total)(parameters)["kernel"]!.value); // [[1], [2]]
 * ```
 */
export function applyLayer<I, O>(
  layer: Layer<I, O>,
  weights: LayerWeights,
  x: I,
  options: ApplyOptions = {},
): LayerResult<O> {
  const { training, key } = readOptions<ApplyOptions, { training: false; key: undefined }>(
    "applyLayer",
    options,
    {
      training: false,
      key: undefined,
    },
  );
  if (key !== undefined && key !== null) readKey("applyLayer", key);
  checkLeaves(layer, x);
  if (!isPlainObject(weights) || !isPlainObject(weights.parameters) || !isPlainObject(weights.state)) {
    throw new TypeError(
      message`Cannot apply a layer with the weights ${describeValue(weights)}: pass { parameters, state }, as
      initialize() gives`,
    );
  }
  const { run, output } = runLayer(layer, weights, x, { training, key: key ?? null });
  return { output, state: { ...weights.state, ...run.updates }, losses: run.losses };
}

function checkLeaves(layer: unknown, x: unknown): void {
  const leaves = flattenTree(x as Tree<unknown>);
  const wrong = leaves.find((leaf) => leaf !== undefined && !(leaf instanceof Variable));
  // Of empty arrays the layers speak that take arrays.
  const isEmpty = x === undefined || (!Array.isArray(x) && leaves.length === 0);
  if (wrong === undefined && !isEmpty) return;
  throw new TypeError(
    message`Cannot apply ${isLayer(layer) ? layer.kind : "a layer"} to ${
      describeValue(isEmpty ? x : wrong)
    }: its input is a Variable, or a tree of them`,
  );
}

/** Applies a layer, and gives everything that its run has found out. */
export function runLayer<I, O>(
  layer: Layer<I, O>,
  weights: LayerWeights,
  x: I,
  options: Omit<RunOptions, "mode" | "parameters" | "state">,
): { readonly run: Run; readonly output: O } {
  const run = new Run({ mode: "apply", ...weights, ...options });
  return { run, output: run.start(layer, x) };
}
