import { describeValue } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import { checkOptions } from "../../_internal/readers/mod.ts";
import type { Shape } from "../../array/shape.ts";
import type { Graph } from "../../compiler/mod.ts";
import { Model } from "../../nn/mod.ts";
import { runLayer } from "../../nn/core/apply_layer.ts";
import { describeExampleShape } from "../../nn/core/spec.ts";
import { isLeaf } from "../../transforms/core/arguments.ts";
import { constant, flattenTree, mapTree, type Operand, type Tree, Variable } from "../../variable/mod.ts";
import { Draft } from "./draft.ts";
import { codeOf } from "./element_types.ts";
import { encodeOnnx, type Port } from "./encode.ts";
import { checkNames, namedLeaves } from "../names.ts";
import { type Inputs, type NamedInput, readArgument } from "./inputs.ts";
import { type RecordedGraph, recordGraph } from "./record.ts";
import { varyBatch } from "./vary_batch.ts";
import { writeGraph, type WrittenGraph } from "./write_graph.ts";

/** How a function is exported. */
export interface OnnxOptions {
  /**
   * Names of the arguments, and of what the function returns: one for each entry if it returns an array, else one. What
   * is inside of an argument or result has its path after that name: `parameters/dense/kernel`; with the name `""` the
   * path alone.
   */
  readonly names?: { readonly inputs?: readonly string[]; readonly outputs?: readonly string[] };
  /** Arguments whose numbers are written into the file as initializers; they are no inputs then. */
  readonly initializers?: readonly number[];
  /** Texts to be kept in the file. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** How a model is exported. */
export interface ModelOnnxOptions extends Pick<OnnxOptions, "metadata"> {
  /** The number of examples that it takes at a time; by default any. */
  readonly batchSize?: number;
}

/** A function to export. */
interface Exported {
  readonly f: (...args: never[]) => unknown;
  readonly args: readonly Inputs[];
  readonly names: { readonly inputs: readonly string[]; readonly outputs: readonly string[] };
  readonly initializers: ReadonlySet<number>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Writes a model's inference as an ONNX file (opset 18) that ONNX Runtime and others run. Parameters and state are
 * initializers, named by their paths.
 *
 * @param model A model that is built
 * @param options The number of examples; any by default
 * @returns The bytes of the file
 * @throws {TypeError} If an operation has no counterpart in ONNX, or depends on the number of examples in another way
 *   than by shapes and counts
 *
 * @example
 * ```ts
 * import { fromOnnx, toOnnx } from "@tapegrad/tapegrad/export";
 * import { dense, sequential } from "@tapegrad/tapegrad/nn";
 *
 * const model = sequential([dense({ units: 2, activation: "tanh", inputShape: [3] })]).build();
 * const { parameters, inputs } = await fromOnnx(await toOnnx(model));
 * console.log(Object.keys(parameters), inputs[0]!.shape); // ["dense/kernel", "dense/bias"] ["batch", 3]
 * ```
 */
export function toOnnx<I, O>(
  model: Model<I, O>,
  options?: ModelOnnxOptions,
): Promise<Uint8Array<ArrayBuffer>>;
/**
 * Writes a function as an ONNX file (opset 18). It is recorded for the shapes of its inputs, as by `compile`, and its
 * rows are written: what `grad` computes inside of it, too, so that a whole training step can be exported. Trainable
 * Variables that it uses become initializers, by their names.
 *
 * @param f A function of Variables, in arrays and objects
 * @param inputs One entry for each argument: what its inputs are like
 * @param options Names, and which arguments are written as initializers
 * @returns The bytes of the file
 * @throws {TypeError} If an operation has no counterpart in ONNX, is named by it, or the function reads values
 *
 * @example A training step
 * ```ts
 * import { type Variable, valueAndGrad } from "@tapegrad/tapegrad";
 * import { toOnnx } from "@tapegrad/tapegrad/export";
 *
 * const loss = (w: Variable, x: Variable, y: Variable) => x.matmul(w).sub(y).square().mean();
 * const step = (w: Variable, x: Variable, y: Variable) => {
 *   const [value, gradient] = valueAndGrad(loss)(w, x, y);
 *   return [value, w.sub(gradient.mul(0.1))];
 * };
 * const bytes = await toOnnx(step, [{ shape: [3, 1] }, { shape: ["batch", 3] }, { shape: ["batch", 1] }], {
 *   names: { inputs: ["w", "x", "y"], outputs: ["loss", "next_w"] },
 * });
 * console.log(bytes.length > 0); // true
 * ```
 */
export function toOnnx(
  f: (...args: never[]) => unknown,
  inputs: readonly Inputs[],
  options?: OnnxOptions,
): Promise<Uint8Array<ArrayBuffer>>;
export async function toOnnx(
  what: Model<unknown, unknown> | ((...args: never[]) => unknown),
  second?: readonly Inputs[] | ModelOnnxOptions,
  third?: OnnxOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  if (what instanceof Model) return await exportFunction(modelFunction(what, second as ModelOnnxOptions));
  if (typeof what !== "function" || !Array.isArray(second)) {
    throw new TypeError(
      message`Cannot export ${
        describeValue(what)
      }: pass a model, or a function and a list of what its arguments are like`,
    );
  }
  checkOptions("toOnnx", third, ["names", "initializers", "metadata"]);
  const { names = {}, initializers = [], metadata = {} } = third ?? {};
  const bases = second.map((_, i) => names.inputs?.[i] ?? (second.length === 1 ? "input" : `input_${i}`));
  const exported = {
    f: what,
    args: second as readonly Inputs[],
    names: { inputs: bases, outputs: names.outputs ?? [] },
    initializers: new Set(initializers),
    metadata,
  };
  return await exportFunction(exported);
}

/** The inference of a model. */
function modelFunction(model: Model<unknown, unknown>, options: ModelOnnxOptions = {}): Exported {
  checkOptions("toOnnx", options, ["batchSize", "metadata"]);
  const { batchSize = "batch", metadata = {} } = options;
  const { parameters, state, dtype } = model;
  const specs = model.builtInputs!;
  const anyLength = flattenTree(specs).find(({ isFixed }) => !isFixed);
  if (anyLength !== undefined) {
    throw new TypeError(
      message`Cannot export ${model.name ?? model.kind}: examples of shape ${
        describeExampleShape(anyLength.axes)
      } have an axis of any length, make the model for one length; only the batch may vary`,
    );
  }
  const input = mapTree(
    specs,
    (spec) => ({ shape: [batchSize, ...spec.shape], dtype: spec.dtype }),
  ) as Inputs;
  return {
    f: (weights: { parameters: typeof parameters; state: typeof state }, x: unknown) =>
      runLayer(model, weights, x, { dtype }).output,
    args: [{ parameters, state } as Inputs, input],
    names: { inputs: ["", isLeaf(specs) || "shape" in specs ? "input" : ""], outputs: [] },
    initializers: new Set([0]),
    metadata,
  };
}

async function exportFunction(exported: Exported): Promise<Uint8Array<ArrayBuffer>> {
  const { f, metadata } = exported;
  const args = exported.args.map((each, i) => readArgument(exported.names.inputs[i]!, each));
  const all = args.flatMap(({ inputs }, i) =>
    inputs.map((input) => readInitializer(input, exported.initializers.has(i)))
  );
  let outputNames: string[] = [];
  const run = (variables: readonly Variable[]): Variable[] => {
    let next = 0;
    const given = args.map(({ inputs, rebuild }) => rebuild(variables.slice(next, next += inputs.length)));
    const named = nameResults(f(...given as never[]), exported.names.outputs);
    outputNames = named.map(({ name }) => name);
    return named.map(({ value }) => value);
  };
  const isDynamic = all.some(({ shape }) => shape.includes("batch"));
  const sizes = isDynamic ? chooseSizes(all) : [0];
  const recorded = sizes.map((size) => recordGraph(all.map((input) => recordedInput(input, size)), run));
  const captured = recorded[0]!.captured.map((x, i) => ({
    name: x.name ?? `variable_${i}`,
    array: x.toArray(),
  }));
  checkNames([...all, ...captured, ...outputNames.map((name) => ({ name }))].map(({ name }) => name));
  const names = [...all, ...captured].map(({ name }) => name);
  const written = recorded.map(({ graph }) => writeInputs(graph, all, names, outputNames));
  const graph = isDynamic
    ? varyBatch(written, sizes, batchSource(all), [...names, ...outputNames])
    : written[0]!;
  return await encodeOnnx({
    graph,
    inputs: all.filter(({ array }) => array === undefined).map(({ name, dtype, shape }) => ({
      name,
      type: dtype,
      axes: shape,
    })),
    outputs: outputNames.map((name, i) => outputPort(name, recorded.map((each) => outputOf(each, i)), sizes)),
    initializers: [
      ...all.flatMap(({ name, array }) => array === undefined ? [] : [{ name, array }]),
      ...captured,
    ],
    metadata,
  });
}

/** An input, or a parameter with its numbers. */
interface ExportedInput extends NamedInput {
  readonly array: ReturnType<Variable["toArray"]> | undefined;
}

function readInitializer(input: NamedInput, isInitializer: boolean): ExportedInput {
  if (!isInitializer) return { ...input, array: undefined };
  if (input.example !== undefined) {
    const name = input.name.replace(/^(parameters|state)\//, "");
    return { ...input, name, array: input.example.toArray() };
  }
  throw new TypeError(
    message`Cannot write the initializer ${input.name}: pass its numbers in place of what they are like`,
  );
}

const recordedInput = (
  { name, shape, dtype }: ExportedInput,
  size: number,
): Parameters<typeof recordGraph>[0][number] => ({
  name,
  shape: shape.map((axis) => axis === "batch" ? size : axis),
  dtype: dtype === "float32" ? "float32" : "float64",
  takesOtherDtype: dtype === "int64" || dtype === "bool",
});

/** Three lengths that no other axis has. */
function chooseSizes(inputs: readonly ExportedInput[]): number[] {
  const taken = new Set(inputs.flatMap(({ shape }) => shape));
  const isPrime = (n: number): boolean => Array.from({ length: 8 }, (_, i) => i + 2).every((d) => n % d > 0);
  return Array.from({ length: 64 }, (_, i) => 53 + 2 * i).filter((n) => isPrime(n) && !taken.has(n)).slice(
    0,
    3,
  );
}

function batchSource(inputs: readonly ExportedInput[]): { input: string; axis: number } {
  const { name, shape } = inputs.find(({ shape }) => shape.includes("batch"))!;
  return { input: name, axis: shape.indexOf("batch") };
}

/** Writes a graph whose inputs may be integers in the file. */
function writeInputs(
  graph: Graph,
  inputs: readonly ExportedInput[],
  names: readonly string[],
  outputs: readonly string[],
): WrittenGraph {
  const cast = new Draft([...names, ...outputs]);
  const read = names.map((name, i) => {
    const dtype = inputs[i]?.dtype;
    return dtype === "int64" || dtype === "bool"
      ? cast.emit("Cast", [name], { to: codeOf("float64") })
      : name;
  });
  const written = writeGraph(graph, read, [...names, ...outputs]);
  written.draft.nodes.unshift(...cast.nodes);
  return written;
}

/** What the function returned, by name. */
function nameResults(result: unknown, bases: readonly string[]): { name: string; value: Variable }[] {
  const isArray = Array.isArray(result) && !isLeaf(result) && bases.length > 0;
  const parts = isArray ? result.map((part, i) => [bases[i] ?? `output_${i}`, part] as const) : [
    [bases[0] ?? (isLeaf(result) || typeof result === "number" ? "output" : ""), result] as const,
  ];
  return parts.flatMap(([base, part]) => namedLeaves(part as Tree<unknown>, base, isLeaf)).map(
    ({ name, leaf }) => {
      if (leaf instanceof Variable) return { name: nameOfEntry(name), value: leaf };
      if (typeof leaf === "number" || isLeaf(leaf)) {
        return { name: nameOfEntry(name), value: constant(leaf as Operand) };
      }
      throw new TypeError(
        message`Cannot export: the function must return Variables, in arrays or objects, it returned ${
          describeValue(leaf)
        }${name === "" ? "" : ` as ${name}`}`,
      );
    },
  );
}

/** Entries of an array without names are called by their numbers. */
const nameOfEntry = (name: string): string => /^\d+$/.test(name) ? `output_${name}` : name;

function outputOf({ graph }: RecordedGraph, i: number): { shape: Shape; dtype: "float32" | "float64" } {
  return graph.outputs[i]!;
}

function outputPort(
  name: string,
  results: readonly ReturnType<typeof outputOf>[],
  sizes: readonly number[],
): Port {
  const [{ shape, dtype }] = results as [ReturnType<typeof outputOf>];
  const axes = shape.map((length, axis) => {
    const lengths = results.map((each) => each.shape[axis]);
    if (lengths.every((each) => each === length)) return length;
    return lengths.every((each, i) => each === sizes[i]) ? "batch" : undefined;
  });
  return { name, type: dtype, axes };
}
