import { describeValue } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import { checkOptions } from "../../_internal/readers/mod.ts";
import { flattenTree, mapTree, type Tree, Variable } from "../../variable/mod.ts";
import type { Context } from "../core/context.ts";
import type { Json, LayerDescription } from "../core/description.ts";
import type { AnyLayer, Layer } from "../core/layer.ts";
import { uniqueNames } from "../core/names.ts";
import { partsLike, type TensorSpec } from "../core/spec.ts";
import { type Concrete, type SymbolicNode, SymbolicTensor } from "../core/symbol.ts";
import type { LayerCall } from "./layer_graph.ts";
import { Model } from "./model.ts";
import type { ModelOptions } from "./model_options.ts";

/** Options of {@linkcode model}. */
export interface FunctionalOptions<I, O> extends ModelOptions {
  /** What `input` gave: one, or several in an array or object, nested in any way. */
  readonly inputs: I;
  /** What layers gave, in the same manner. */
  readonly outputs: O;
}

/** A graph of layers that can be trained. Made with {@linkcode model}. */
export class Functional<I, O> extends Model<I, O> {
  /** The symbols of the inputs. */
  readonly inputs: Tree<SymbolicTensor>;
  /** The symbols of the outputs. */
  readonly outputs: Tree<SymbolicTensor>;
  /** @internal The inputs and calls of layers that the outputs are computed from, in order. */
  readonly nodes: readonly SymbolicNode[];
  readonly #names: ReadonlyMap<AnyLayer, string>;

  /** @internal Use `model`. */
  constructor(inputs: Tree<SymbolicTensor>, outputs: Tree<SymbolicTensor>, options: ModelOptions) {
    super("model", options, (x, c) => this.#compute(x, c) as O);
    this.inputs = inputs;
    this.outputs = outputs;
    this.nodes = nodesOf(this.title, flattenTree(inputs), flattenTree(outputs));
    const layers = [...new Set(this.nodes.flatMap(({ layer }) => layer === null ? [] : [layer]))];
    const names = uniqueNames(layers);
    this.#names = new Map(layers.map((layer, i) => [layer, names[i] ?? layer.kind]));
  }

  /** The layers by the names that their weights have in paths. */
  override get layersByName(): ReadonlyMap<string, AnyLayer> {
    return new Map([...this.#names].map(([layer, name]) => [name, layer]));
  }

  /** @internal The inputs, and the calls of layers. */
  protected override layerCalls(): readonly LayerCall[] {
    const inputs = flattenTree(this.inputs);
    const places = new Map<SymbolicTensor, number>(inputs.map((symbol, i) => [symbol, i]));
    const calls: LayerCall[] = inputs.map(({ name, axes }, i) => ({
      layer: null,
      name: name ?? (inputs.length === 1 ? "input" : `input_${i}`),
      shape: axes,
      operands: [],
    }));
    for (const { layer, input, output } of this.nodes) {
      if (layer === null) continue;
      const operands = [...new Set(flattenTree(input).map((symbol) => places.get(symbol)!))];
      for (const symbol of flattenTree(output)) places.set(symbol, calls.length);
      calls.push({ layer, name: this.#names.get(layer) ?? layer.kind, operands });
    }
    return calls;
  }

  /** @internal What goes in, where that is known. */
  protected override inputSpecs(): Tree<TensorSpec> | undefined {
    return this.inputs;
  }

  /**
   * The symbols that layers of some names gave, for a {@linkcode model} of inner outputs.
   *
   * @param name The name of a layer
   * @returns What its last call gave
   * @throws {RangeError} If there is no such layer
   */
  outputOf(name: string): Tree<SymbolicTensor> {
    const layer = this.getLayer(name);
    const node = this.nodes.findLast((each) => each.layer === layer);
    return node?.output ?? [];
  }

  /**
   * The model as JSON, for {@linkcode fromDescription}; weights are not part of it.
   *
   * @throws {TypeError} If an option of a layer can't be written, such as a function that has no name
   */
  override toJSON(): LayerDescription {
    const layers = [...this.#names.keys()];
    const inputs = flattenTree(this.inputs);
    const places = new Map<SymbolicTensor, Json>(inputs.map((symbol, i) => [symbol, [i, 0]]));
    const reference = (tree: Tree<SymbolicTensor>): Json =>
      mapTree(tree, (symbol) => places.get(symbol) ?? null) as Json;
    const nodes: Json[] = inputs.map(({ axes, name, dtype }) => ({
      shape: [...axes],
      ...name === undefined ? {} : { name },
      ...dtype === "float32" ? {} : { dtype },
    }));
    for (const { layer, input, output } of this.nodes) {
      if (layer === null) continue;
      flattenTree(output).forEach((symbol, i) => places.set(symbol, [nodes.length, i]));
      nodes.push({ layer: layers.indexOf(layer), inputs: reference(input) });
    }
    return {
      ...super.toJSON(),
      layers: layers.map((layer) => layer.toJSON() as Json),
      nodes,
      inputs: reference(this.inputs),
      outputs: reference(this.outputs),
    };
  }

  #compute(x: unknown, c: Context): unknown {
    const values = new Map<SymbolicTensor, Variable>();
    const set = (symbols: Tree<SymbolicTensor>, given: unknown, what: string): void => {
      const parts = partsLike(what, symbols, given);
      flattenTree(symbols).forEach((symbol, i) => {
        const part = parts[i];
        if (!(part instanceof Variable)) {
          throw new TypeError(message`Cannot call ${this.title}: ${what} holds ${describeValue(part)}`);
        }
        values.set(symbol, part);
      });
    };
    const get = (symbols: Tree<SymbolicTensor>): Tree<Variable> =>
      mapTree(symbols, (symbol) => values.get(symbol)!);
    set(this.inputs, x, `the input of ${this.title}`);
    for (const { layer, input, output } of this.nodes) {
      if (layer === null) continue;
      const name = this.#names.get(layer) ?? layer.kind;
      const result = c.call(layer as unknown as Layer<unknown, unknown>, get(input), name);
      set(output, result, `what the layer ${name} gives`);
    }
    return get(this.outputs);
  }
}

/** The calls that outputs are computed from, in order. */
function nodesOf(
  title: string,
  inputs: readonly SymbolicTensor[],
  outputs: readonly SymbolicTensor[],
): SymbolicNode[] {
  const given = new Set(inputs);
  const found = new Set<SymbolicNode>();
  const open = [...outputs];
  while (open.length > 0) {
    const symbol = open.pop()!;
    if (given.has(symbol) || found.has(symbol.node)) continue;
    if (symbol.node.layer === null) {
      throw new TypeError(
        message`Cannot make ${title}: an output is computed from the input ${
          symbol.name ?? "of shape"
        } ${symbol.shape} that is not among its inputs`,
      );
    }
    found.add(symbol.node);
    open.push(...flattenTree(symbol.node.input));
  }
  return [...found].sort((a, b) => a.id - b.id);
}

/**
 * Makes a model of a graph of layers: with branches, several inputs and outputs, and layers that are used in several
 * places.
 *
 * @param options Inputs, outputs, name, seed, dtype
 * @throws {TypeError} If an output is computed from an input that is not named, or there are none
 *
 * @example
 * ```ts
 * import { add, dense, input, model } from "@tapegrad/tapegrad/nn";
 *
 * const x = input({ shape: [4] });
 * const h = dense({ units: 4, activation: "relu" }).apply(x);
 * const y = dense({ units: 1 }).apply(add().apply([x, h]));
 * const residual = model({ inputs: x, outputs: y });
 * console.log(residual.predict([[1, 2, 3, 4]]).shape); // [1, 1]
 * ```
 */
export function model<const I, const O>(
  options: FunctionalOptions<I, O>,
): Functional<Concrete<I>, Concrete<O>> {
  if (options === undefined) throw new TypeError("Cannot make a model: pass { inputs, outputs }");
  checkOptions("model", options, ["inputs", "outputs", "name", "seed", "dtype", "trainable"]);
  const { inputs, outputs, ...rest } = options;
  checkSymbols("inputs", inputs);
  checkSymbols("outputs", outputs);
  for (const symbol of flattenTree(inputs)) {
    const isDouble = flattenTree(inputs).filter((each) => each === symbol).length > 1;
    if (isDouble) throw new TypeError("Cannot make a model: an input is named twice");
  }
  return new Functional<Concrete<I>, Concrete<O>>(inputs, outputs, rest);
}

function checkSymbols(what: string, tree: unknown): asserts tree is Tree<SymbolicTensor> {
  const leaves = flattenTree(tree as Tree<unknown>);
  const wrong = leaves.findIndex((leaf) => !(leaf instanceof SymbolicTensor));
  if (wrong < 0 && leaves.length > 0) return;
  throw new TypeError(
    message`Cannot make a model: its ${what} hold ${
      leaves.length === 0 ? "nothing" : describeValue(leaves[wrong])
    }, use what input() and layer.apply() gave`,
  );
}
