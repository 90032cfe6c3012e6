/** Functions as graphs: how they are recorded, and run on Variables. */
import { askForValues, isUnknownArray, timesAsked, unknownValue } from "../../array/deferred_array.ts";
import type { DType } from "../../array/dtype.ts";
import type { Value } from "../../array/value.ts";
import {
  constantNode,
  type Cut,
  cutGraph,
  type Graph,
  interpret,
  type Node,
  nodesOf,
} from "../../compiler/mod.ts";
import { shapeOfValue } from "../../primitives/mod.ts";
import { CONSTANT, debugging, INPUT, tape, TRAINABLE } from "../../tape/mod.ts";
import { applyRecorded } from "./differentiable_walks.ts";
import { guarded, type TraceOptions } from "./guard.ts";
import { plainValue, rowOf } from "../../variable/rows.ts";
import { handleOf, untracked, type Variable, weakHandleOf } from "../../variable/variable.ts";

/** What an input of a traced function is like. */
export interface TracedInput {
  /** The value that it is traced with. */
  readonly value: Value;
  readonly dtype: DType;
  readonly name?: string | undefined;
  /** Whether it stands for plain numbers, which take the dtype of what they are combined with. */
  readonly takesOtherDtype?: boolean;
}

/** A function of Variables as a graph. */
export interface TracedGraph<R> {
  /** Its inputs are those given, then one for each captured Variable. */
  readonly graph: Graph;
  /** Variables that the function uses beside its inputs. */
  readonly captured: readonly Variable[];
  /** What the function returned beside its outputs. */
  readonly result: R;
}

/** How a function is traced. */
export interface TraceGraphOptions extends Omit<TraceOptions, "inputs"> {
  /** Whether trainable Variables take other values too; false by default. */
  readonly variablesDiffer?: boolean;
  /** Is set once the function has asked for values, so that it runs with them at once the next time. */
  readonly habits?: { needsValues: boolean };
}

/** A function to trace: its outputs, and what it returns beside. */
type Traced<R> = (
  inputs: readonly Variable[],
) => { readonly outputs: readonly Variable[]; readonly result: R };

/**
 * Runs a function, recording, and makes a graph of the rows, which are dropped again. It runs without values: an
 * operation that depends on an input gives a shape and a dtype only. If somebody asks for a value, or takes a branch,
 * the function runs again with those of the inputs.
 */
export function traceGraph<R>(
  inputs: readonly TracedInput[],
  options: TraceGraphOptions,
  f: Traced<R>,
): TracedGraph<R> {
  // Debugging looks at every value; inside of a function without values there are none.
  if (debugging() || tape.withoutValues || options.habits?.needsValues) return traceOnce(inputs, options, f);
  const before = timesAsked();
  try {
    const unknown = inputs.map((input) => ({
      ...input,
      value: unknownValue(shapeOfValue(input.value), input.dtype),
    }));
    const traced = tape.scope({ withoutValues: true }, () => traceOnce(unknown, options, f));
    if (timesAsked() === before) return traced;
  } catch (reason) {
    // Any error may be about a value that is none.
    if (!(reason instanceof Error)) throw reason;
  }
  const traced = traceOnce(inputs, options, f);
  if (options.habits !== undefined) options.habits.needsValues = true;
  return traced;
}

function traceOnce<R>(
  inputs: readonly TracedInput[],
  options: TraceGraphOptions,
  f: Traced<R>,
): TracedGraph<R> {
  return tape.frame(options.where, ({ mark }) => {
    const lifted = inputs.map(({ value, dtype, name, takesOtherDtype }) =>
      (takesOtherDtype ? weakHandleOf : handleOf)(tape.leaf(INPUT, value, dtype, name))
    );
    const rows = lifted.map((x) => x.row);
    const guard = { ...options, inputs: options.variablesDiffer ? null : rows };
    const { outputs, result } = guarded(guard, () => f(lifted));
    const results = outputs.map((y) => {
      const row = rowOf(y);
      return row >= 0 ? row : constantNode(plainValue(y), y.dtype);
    });
    const { graph, outside } = cutGraph(tape, mark, rows, results);
    // What went into a constant has to be known.
    if (tape.withoutValues && nodesOf(graph).some(({ value }) => isUnknownArray(value))) askForValues();
    return { graph, captured: outside.map(variableAt), result };
  });
}

/** The Variable of a row: the trainable one itself, else a handle. */
function variableAt(row: number): Variable {
  return tape.opcodes[row] === TRAINABLE
    ? tape.owners[tape.ownerRows.indexOf(row)] as Variable
    : handleOf(row);
}

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
