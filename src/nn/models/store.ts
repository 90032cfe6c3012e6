import { isPlainObject } from "../../_internal/containers.ts";
import { describeValue, formatShape } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import { nearestName } from "../../_internal/readers/mod.ts";
import type { DType } from "../../array/dtype.ts";
import { sameShape, type Shape } from "../../array/shape.ts";
import type { Weights } from "../../optim/mod.ts";
import type { Key } from "../../random/mod.ts";
import { constant, flattenTree, mapTree, type Operand, type Tree, Variable } from "../../variable/mod.ts";
import type { AnyLayer, Layer } from "../core/layer.ts";
import { activationNoted } from "../core/notes.ts";
import { Run } from "../core/run.ts";
import { setOwner } from "../core/sources.ts";
import { type ExampleShape, TensorSpec } from "../core/spec.ts";
import { runForShapes, valuesOfShape } from "../core/values_of_shape.ts";

/** What is known of a model once the shapes of its inputs are. */
export interface Built {
  /** What goes in, and what comes out. */
  readonly inputs: Tree<TensorSpec>;
  readonly outputs: Tree<TensorSpec>;
  /** Which outputs are known to be probabilities, and by which activation. */
  readonly activations: readonly ("softmax" | "sigmoid" | undefined)[];
  /** The layers that lead to each parameter. */
  readonly chains: ReadonlyMap<string, readonly AnyLayer[]>;
  /** Where each layer stands. */
  readonly paths: ReadonlyMap<AnyLayer, string>;
  /** The shapes that came out of each path, batch axis included; null for lengths that vary. */
  readonly shapes: ReadonlyMap<string, readonly ExampleShape[]>;
  /** The parameters, as they were when {@linkcode settle} was called last. */
  parameters: Weights;
  /** The state, likewise. */
  state: Weights;
  /** Brings parameters and state up to date with what was trained. */
  settle: () => void;
}

/** Parameters and state of a model, by path. */
export interface StoredWeights {
  readonly parameters: Weights;
  readonly state: Weights;
}

/** One example of inputs, of which only the shapes count. */
function exampleOf(inputs: Tree<TensorSpec>, dtype: DType): Tree<Variable> {
  return mapTree(inputs, (spec) => valuesOfShape([1, ...spec.shape], dtype));
}

/**
 * The weights that a model has for inputs of some shapes, none of which is made: only their shapes count.
 *
 * @param mostNumbers How many numbers they may have together
 * @throws {RangeError} If there are more
 * @throws {TypeError} If layers do not fit together
 */
export function planWeights(
  layer: AnyLayer,
  inputs: Tree<TensorSpec>,
  dtype: DType,
  mostNumbers: number,
): StoredWeights {
  return runForShapes(() => {
    const run = new Run({ mode: "shapes", dtype, mostNumbers });
    run.start(layer as unknown as Layer<unknown, unknown>, exampleOf(inputs, dtype));
    return { parameters: run.parameters, state: run.state };
  });
}

/**
 * Makes the start weights of a model for inputs of some shapes.
 *
 * @param known Weights that are there already
 * @throws {TypeError} If layers do not fit together
 */
export function buildWeights(
  layer: AnyLayer,
  inputs: Tree<TensorSpec>,
  key: Key,
  dtype: DType,
  known?: StoredWeights,
): Built {
  const { run, output } = runForShapes(() => {
    const run = new Run({ mode: "initialize", key, dtype, owner: layer, ...known });
    return { run, output: run.start(layer as unknown as Layer<unknown, unknown>, exampleOf(inputs, dtype)) };
  });
  const outputs = mapTree(output as Tree<unknown>, (value) => {
    if (value instanceof Variable && value.rank > 0) return new TensorSpec(value.shape.slice(1), value.dtype);
    throw new TypeError(
      message`Cannot build ${layer.name ?? layer.kind}: its output is ${
        value instanceof Variable ? "a number" : describeValue(value)
      }, use Variables [batch, ...]`,
    );
  });
  const activations = flattenTree(output as Tree<Variable>).map(activationNoted);
  const { chains, paths, parameters, state } = run;
  const shapes = markVarying(run.shapes, layer, inputs, dtype);
  const built: Built = {
    inputs,
    outputs,
    activations,
    chains,
    paths,
    shapes,
    parameters,
    state,
    settle: () => {},
  };
  for (const [each, path] of paths) {
    const weightAt = (at: string): Variable | undefined => {
      built.settle();
      return built.parameters[at] ?? built.state[at];
    };
    setOwner(each, { model: layer, path, weightAt });
  }
  return built;
}

/** Shapes that were found with some lengths of inputs, with null for lengths that are others with others. */
function markVarying(
  shapes: ReadonlyMap<string, readonly Shape[]>,
  layer: AnyLayer,
  inputs: Tree<TensorSpec>,
  dtype: DType,
): ReadonlyMap<string, readonly ExampleShape[]> {
  if (flattenTree<TensorSpec>(inputs).every(({ isFixed }) => isFixed)) return shapes;
  const longer = mapTree(
    inputs,
    ({ axes, shape, dtype }) =>
      new TensorSpec(shape.map((length, i) => axes[i] === null ? length + 1 : length), dtype),
  );
  const others = runForShapes(() => {
    const run = new Run({ mode: "shapes", dtype });
    run.start(layer as unknown as Layer<unknown, unknown>, exampleOf(longer, dtype));
    return run.shapes;
  });
  return new Map([...shapes].map(([path, list]) => [
    path,
    list.map((shape, i) =>
      shape.map((length, axis) => length === others.get(path)?.[i]?.[axis] ? length : null)
    ),
  ]));
}

/** The shapes of outputs for inputs whose lengths vary; undefined where they do not. */
export function outputShapes(
  layer: AnyLayer,
  inputs: Tree<TensorSpec>,
  dtype: DType,
): ((lengths: readonly Shape[]) => readonly Shape[]) | undefined {
  if (flattenTree<TensorSpec>(inputs).every(({ isFixed }) => isFixed)) return undefined;
  return (lengths) => {
    let i = 0;
    const specs = mapTree(inputs, ({ dtype }) => new TensorSpec(lengths[i++]!, dtype));
    const output = runForShapes(() =>
      new Run({ mode: "shapes", dtype })
        .start(layer as unknown as Layer<unknown, unknown>, exampleOf(specs, dtype))
    );
    return flattenTree(output as Tree<Variable>).map(({ shape }) => shape.slice(1));
  };
}

/** The layers that are not to be trained. */
export function frozenOf({ paths }: Built): ReadonlySet<AnyLayer> {
  return new Set([...paths.keys()].filter((layer) => !layer.trainable));
}

/** The weights as constants of their own, which stay whatever becomes of the model. */
export function copyWeights(weights: Weights): Weights {
  return Object.fromEntries(
    Object.entries(weights).map(([path, value]) => [
      path,
      value.rank === 0
        ? constant(value.item(), { dtype: value.dtype, name: path })
        : constant(value.toArray().clone(), { name: path }),
    ]),
  );
}

/** What was given to {@linkcode replaceWeights}, by path. */
export type GivenWeights = { readonly [path: string]: Operand };

/**
 * Other values for weights, checked against the ones they replace.
 *
 * @param title The model's name, for messages
 * @param required Which weights have to be there
 * @throws {TypeError} If one is missing, unknown or of another shape
 */
export function replaceWeights(
  title: string,
  built: Built,
  given: GivenWeights,
  required: "none" | "parameters" | "all",
): void {
  const { parameters, state } = built;
  const names = [...Object.keys(parameters), ...Object.keys(state)];
  if (!isPlainObject(given)) {
    throw new TypeError(
      message`Cannot set the weights of ${title} to ${
        describeValue(given)
      }: pass an object of them by name, as
      getWeights() gives it`,
    );
  }
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(parameters, name) || Object.hasOwn(state, name)) continue;
    const near = nearestName(name, names);
    throw new TypeError(
      message`Cannot set ${name} of ${title}: there is no such weight${
        near === undefined ? "" : ` (did you mean ${near}?)`
      }, it has ${names.join(", ") || "none"}`,
    );
  }
  const replaced = (weights: Weights, all: boolean): Weights =>
    Object.fromEntries(
      Object.entries(weights).map(([name, was]) => {
        if (given[name] === undefined && !all) return [name, was];
        return [name, readWeight(title, name, was, given[name])];
      }),
    );
  const next = {
    parameters: replaced(parameters, required !== "none"),
    state: replaced(state, required === "all"),
  };
  built.parameters = next.parameters;
  built.state = next.state;
}

function readWeight(title: string, name: string, was: Variable, operand: Operand | undefined): Variable {
  const value = operand === undefined ? undefined : constant(operand, { dtype: was.dtype, name });
  if (value !== undefined && sameShape(value.shape, was.shape)) return value;
  throw new TypeError(
    message`Cannot set ${name} of ${title}: expected shape ${was.shape}, got ${
      value === undefined ? "nothing" : formatShape(value.shape)
    }`,
  );
}
