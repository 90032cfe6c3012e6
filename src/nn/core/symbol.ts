import { describeValue } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import { type Defaults, readOptions, readText } from "../../_internal/readers/mod.ts";
import { checkDType, type DType } from "../../array/dtype.ts";
import { flattenTree, mapTree, type Tree, Variable } from "../../variable/mod.ts";
import type { Layer } from "./layer.ts";
import { Run } from "./run.ts";
import { type ExampleShape, readExampleShape, TensorSpec } from "./spec.ts";
import { runForShapes, valuesOfShape } from "./values_of_shape.ts";

/** Symbols in place of Variables. */
export type Symbolic<T> = T extends Variable ? SymbolicTensor
  : { readonly [K in keyof T]: Symbolic<T[K]> };

/** Variables in place of symbols. */
export type Concrete<S> = S extends SymbolicTensor ? Variable : { readonly [K in keyof S]: Concrete<S[K]> };

/** One call of a layer, or an input. */
export interface SymbolicNode {
  /** Grows from node to node, so that it is an order of computation. */
  readonly id: number;
  /** What is called; null for an input. */
  readonly layer: Layer<never, unknown> | null;
  /** What it is called with. */
  readonly input: Tree<SymbolicTensor>;
  /** What it gives. */
  readonly output: Tree<SymbolicTensor>;
}

let nextId = 0;

/** Stands for an input or result in a model that is being put together; it has a shape and no value. */
export class SymbolicTensor extends TensorSpec {
  /** The name, where an input was given one. */
  readonly name: string | undefined;
  /** @internal What it comes from. */
  readonly node: SymbolicNode;

  /** @internal Use `input` or `layer.apply`. */
  constructor(shape: ExampleShape, dtype: DType, node: SymbolicNode, name?: string) {
    super(shape, dtype);
    this.node = node;
    this.name = name;
  }
}

/** Options of {@linkcode input}. */
export interface InputOptions {
  /** The shape of one example, without the batch axis; null for lengths that vary from batch to batch. */
  readonly shape: ExampleShape;
  /** Shown in summaries. */
  readonly name?: string;
  /** `"float32"` by default. */
  readonly dtype?: DType;
}

const INPUT_DEFAULTS: Defaults<InputOptions> & { readonly dtype: DType } = {
  shape: undefined,
  name: undefined,
  dtype: "float32",
};

/**
 * An input of a {@linkcode model}.
 *
 * @param options The shape of one example
 * @throws {TypeError} If the shape is none
 *
 * @example
 * ```ts
 * import { dense, input } from "@tapegrad/tapegrad/nn";
 *
 * console.log(dense({ units: 3 }).apply(input({ shape: [4] })).shape); // [3]
 * ```
 */
export function input(options: InputOptions): SymbolicTensor {
  const { shape, name, dtype } = readOptions("input", options, INPUT_DEFAULTS);
  if (name !== undefined) readText("input", "the option name", name);
  const node = { id: nextId++, layer: null, input: [], output: [] as SymbolicTensor[] };
  const symbol = new SymbolicTensor(readExampleShape("input", shape), checkDType(dtype), node, name);
  node.output.push(symbol);
  return symbol;
}

/** Puts a layer behind symbols: runs it on values of their shapes, and makes symbols for what comes out. */
export function applyToSymbols<I, O>(layer: Layer<I, O>, x: Symbolic<I>): Symbolic<O> {
  const source = x as unknown as Tree<SymbolicTensor>;
  if (flattenTree(source).length === 0 && !Array.isArray(source)) {
    throw new TypeError(
      message`Cannot apply a ${layer.kind} layer to ${
        describeValue(x)
      }: there is no symbol in it, pass what input() gave`,
    );
  }
  const valueOf = (symbol: unknown): Variable => {
    if (symbol instanceof SymbolicTensor) return valuesOfShape([1, ...symbol.shape], symbol.dtype);
    throw new TypeError(
      message`Cannot apply a ${layer.kind} layer to ${describeValue(symbol)}: pass what input() or another
      layer gave; for values use applyLayer(), or a model's predict()`,
    );
  };
  const results = runForShapes(() =>
    new Run({ mode: "shapes" }).start(layer, mapTree(source, valueOf) as unknown as I)
  );
  const node = {
    id: nextId++,
    layer: layer as unknown as SymbolicNode["layer"],
    input: source,
    output: [] as Tree<SymbolicTensor>,
  };
  node.output = mapTree(results as unknown as Tree<Variable>, (value) => {
    if (!(value instanceof Variable) || value.shape[0] !== 1) {
      throw new TypeError(
        message`Cannot apply the layer ${layer.kind}: of a batch [1, ...] it made
        ${value instanceof Variable ? value.shape : describeValue(value)}, results keep the batch axis`,
      );
    }
    return new SymbolicTensor(value.shape.slice(1), value.dtype, node);
  });
  return node.output as unknown as Symbolic<O>;
}
