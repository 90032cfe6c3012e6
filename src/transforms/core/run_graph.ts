import { type Cut, cutGraph, type Graph, interpret, type Node } from "../../compiler/mod.ts";
import type { Value } from "../../array/value.ts";
import { CONSTANT, INPUT, tape } from "../../tape/mod.ts";
import { untracked, type Variable } from "../../variable/variable.ts";
import { applyRecorded } from "./differentiable_walks.ts";

/** Runs a graph as operations on Variables. */
export function runGraph(graph: Graph, inputs: readonly Variable[]): Variable[] {
  return interpret<Variable>(
    graph,
    inputs,
    (node) => untracked(node.value!, node.dtype),
    (node, operands) => applyRecorded(node.operation!, operands, node.attributes),
  );
}

/** A function that was recorded, with the values it had, to be written onto the tape again. */
export class RecordedFunction {
  readonly #cut: Cut;
  readonly #count: number;
  readonly #values = new Map<Node, Value>();

  /** Takes a function from the tape: the rows from `mark` on that its outputs need. */
  constructor(mark: number, outputs: readonly number[], inputs: readonly number[]) {
    this.#cut = cutGraph(tape, mark, inputs, outputs, "dependent");
    this.#count = inputs.length;
    for (const [node, row] of this.#cut.rows()) this.#values.set(node, tape.valueOf(row));
  }

  /** Writes it onto the tape; all leaves but the inputs are constants. */
  append(): { inputs: readonly number[]; outputs: readonly number[] } {
    const { graph } = this.#cut;
    const leaf = (node: Node, kind: number): number => tape.leaf(kind, this.#values.get(node)!, node.dtype);
    const rows = graph.inputs.map((node, i) => leaf(node, i < this.#count ? INPUT : CONSTANT));
    const outputs = interpret<number>(
      graph,
      rows,
      (node) => leaf(node, CONSTANT),
      (node, operands) => this.#record(node, operands),
    );
    return { inputs: rows.slice(0, this.#count), outputs };
  }

  #record(node: Node, operands: readonly number[]): number {
    const { operation, attributes, dtype } = node;
    const value = this.#values.get(node)!;
    const { opcode, scalar } = operation!;
    const isScalar = typeof value === "number" && scalar !== null && operands.length <= 2 &&
      attributes === undefined;
    return isScalar
      ? tape.recordScalar(opcode, operands[0]!, operands[1] ?? -1, value, dtype)
      : tape.record(opcode, operands, value, dtype, attributes);
  }
}
