import { message } from "../../_internal/message.ts";
import { sameShape } from "../../array/shape.ts";
import { Draft, type DraftConstant, type DraftNode } from "./draft.ts";
import { codeOf, isFloat } from "./element_types.ts";
import type { WrittenGraph } from "./write_graph.ts";

/** Where the batch axis can be read from. */
export interface BatchSource {
  readonly input: string;
  readonly axis: number;
}

/**
 * Makes one graph, for any length of the batch, of a graph that was written for several: what differs between them
 * must be constants that follow from the length.
 *
 * @param graphs One for each length
 * @param sizes The lengths
 * @param batch An input with that axis
 * @param names Names that are taken
 * @throws {TypeError} If something else differs
 */
export function varyBatch(
  graphs: readonly WrittenGraph[],
  sizes: readonly number[],
  batch: BatchSource,
  names: readonly string[],
): WrittenGraph {
  const [first, ...others] = graphs as readonly [WrittenGraph, ...WrittenGraph[]];
  const drafts = graphs.map(({ draft }) => draft);
  first.draft.nodes.forEach((node, i) => {
    const odd = drafts.find(({ nodes }) => !sameNode(node, nodes[i]));
    if (odd !== undefined) throw differs(node.source, `the node ${node.operator}`);
  });
  if (
    others.some(({ draft, outputs }) =>
      draft.nodes.length !== first.draft.nodes.length ||
      draft.constants.length !== first.draft.constants.length ||
      outputs.join() !== first.outputs.join()
    )
  ) throw differs("the function", "the number of its operations");
  const constants = first.draft.constants.map((_, i) => drafts.map((draft) => draft.constants[i]!));
  const computed = new Draft([
    ...names,
    ...first.draft.constants.map(({ name }) => name),
    ...first.draft.nodes.flatMap(({ outputs }) => outputs),
  ]);
  const length = new BatchLength(computed, batch);
  const replaced = new Map<string, string>();
  for (const list of constants) {
    if (list.every((each) => sameConstant(each, list[0]!))) computed.constants.push(list[0]!);
    else replaced.set(list[0]!.name, length.write(list, sizes));
  }
  const current = (name: string): string => replaced.get(name) ?? name;
  for (const node of first.draft.nodes) {
    computed.nodes.push({ ...node, inputs: node.inputs.map(current) });
  }
  return { draft: computed, outputs: first.outputs.map(current) };
}

/** Writes what follows from the length of the batch. */
class BatchLength {
  readonly #draft: Draft;
  readonly #source: BatchSource;
  #vector: string | undefined;

  constructor(draft: Draft, source: BatchSource) {
    this.#draft = draft;
    this.#source = source;
  }

  /** Writes a constant that differs between the lengths. */
  write(list: readonly DraftConstant[], sizes: readonly number[]): string {
    const [first] = list as readonly [DraftConstant, ...DraftConstant[]];
    if (list.some(({ type, shape }) => type !== first.type || shape.length !== first.shape.length)) {
      throw differs(first.source, "a constant");
    }
    if (list.some(({ shape }) => !sameShape(shape, first.shape))) return this.#uniform(list, sizes);
    return first.type === "int64" ? this.#integers(list, sizes) : this.#number(list, sizes);
  }

  /** Constants of another shape each, of which all elements are one number, which may follow from the length, too. */
  #uniform(list: readonly DraftConstant[], sizes: readonly number[]): string {
    const [first] = list as readonly [DraftConstant, ...DraftConstant[]];
    if (!list.every(({ data }) => data.length > 0 && Array.from(data).every((x) => Object.is(x, data[0])))) {
      throw differs(first.source, "a constant array, of which the elements differ,");
    }
    const shapes = list.map(({ shape }) => ({ ...first, data: shape, shape: [shape.length] }));
    const numbers = list.map((each): DraftConstant => ({ ...each, data: [each.data[0]!], shape: [] }));
    const isSame = numbers.every(({ data }) => Object.is(data[0], first.data[0]));
    const number = isSame
      ? this.#draft.constant(first.type, [], numbers[0]!.data)
      : this.#number(numbers, sizes);
    return this.#draft.emit("Expand", [number, this.#integers(shapes, sizes)]);
  }

  /** Integers, each a multiple of the length, and some more. */
  #integers(list: readonly DraftConstant[], sizes: readonly number[]): string {
    const { shape, source, data } = list[0]!;
    const lines = Array.from(data, (_, i) => lineThrough(sizes, list.map((each) => each.data[i]!)));
    const isExact = lines.every((line) => line !== undefined && line.every(Number.isInteger));
    if (!isExact) throw differs(source, "a constant");
    const part = (k: 0 | 1): string => this.#draft.constant("int64", shape, lines.map((line) => line![k]));
    const multiple = this.#draft.emit("Mul", [this.#length(), part(0)]);
    const total = this.#draft.emit("Add", [multiple, part(1)]);
    return shape.length === 0 ? this.#scalar(total) : total;
  }

  /** A number that is a multiple of the length and some more, or the reciprocal of one: a count, or a mean's factor. */
  #number(list: readonly DraftConstant[], sizes: readonly number[]): string {
    const { type, shape, source } = list[0]!;
    const values = list.map(({ data }) => data[0]!);
    if (shape.length > 0 || !isFloat(type)) throw differs(source, "a constant array");
    const line = lineThrough(sizes, values);
    const reciprocal = line === undefined ? lineThrough(sizes, values.map((x) => 1 / x)) : undefined;
    const [slope, start] = line ?? reciprocal ?? [];
    if (slope === undefined || start === undefined) throw differs(source, "a number");
    const length = this.#draft.emit("Cast", [this.#scalar(this.#length())], { to: codeOf(type) });
    const number = (value: number): string => this.#draft.constant(type, [], [value]);
    const total = this.#draft.emit("Add", [this.#draft.emit("Mul", [length, number(slope)]), number(start)]);
    return reciprocal === undefined ? total : this.#draft.emit("Reciprocal", [total]);
  }

  /** The length of the batch, as the only element of an axis. */
  #length(): string {
    const { input, axis } = this.#source;
    return this.#vector ??= this.#draft.emit("Shape", [input], { start: axis, end: axis + 1 });
  }

  #scalar(x: string): string {
    return this.#draft.emit("Reshape", [x, this.#draft.constant("int64", [0], [])]);
  }
}

/** Slope and start of the line through points, which all lie on it but for rounding; undefined if they do not. */
function lineThrough(x: readonly number[], y: readonly number[]): [slope: number, start: number] | undefined {
  const last = x.length - 1;
  const largest = Math.max(...y.map(Math.abs));
  const slope = tidy((y[last]! - y[0]!) / (x[last]! - x[0]!));
  const rest = y[0]! - slope * x[0]!;
  const start = Math.abs(rest) <= 1e-6 * largest ? 0 : tidy(rest);
  const fits = x.every((at, i) => Math.abs(slope * at + start - y[i]!) <= 1e-6 * largest);
  return fits && Number.isFinite(largest) ? [slope, start] : undefined;
}

/** A number without the rounding of float32, where an integer is meant. */
function tidy(value: number): number {
  const nearest = Math.round(value);
  return Math.abs(value - nearest) <= 1e-6 * Math.abs(nearest) ? nearest : value;
}

function sameNode(a: DraftNode, b: DraftNode | undefined): boolean {
  return b !== undefined && a.operator === b.operator && a.inputs.join() === b.inputs.join() &&
    a.outputs.join() === b.outputs.join() && JSON.stringify(a.attributes) === JSON.stringify(b.attributes);
}

function sameConstant(a: DraftConstant, b: DraftConstant): boolean {
  return a === b || (a.type === b.type && sameShape(a.shape, b.shape) && a.data.length === b.data.length &&
    Array.from(a.data).every((x, i) => Object.is(x, b.data[i])));
}

function differs(source: string, what: string): TypeError {
  return new TypeError(
    message`Cannot export a batch axis of any length: ${what} of ${source} depends on the length in a way that ONNX nodes
    do not follow; state a number in place of "batch"`,
  );
}
