import type { DType } from "../../array/dtype.ts";
import type { Value } from "../../array/value.ts";
import { constantNode, cutGraph, type Graph } from "../../compiler/mod.ts";
import { INPUT, tape, TRAINABLE } from "../../tape/mod.ts";
import { plainValue, rowOf } from "../../variable/rows.ts";
import { handleOf, type Variable, weakHandleOf } from "../../variable/variable.ts";
import { guarded, type TraceOptions } from "./guard.ts";

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
}

/** Runs a function once, recording, and makes a graph of the rows, which are dropped again. */
export function traceGraph<R>(
  inputs: readonly TracedInput[],
  options: TraceGraphOptions,
  f: (inputs: readonly Variable[]) => { readonly outputs: readonly Variable[]; readonly result: R },
): TracedGraph<R> {
  return tape.frame(({ mark }) => {
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
    return { graph, captured: outside.map(variableAt), result };
  });
}

/** The Variable of a row: the trainable one itself, else a handle. */
function variableAt(row: number): Variable {
  return tape.opcodes[row] === TRAINABLE
    ? tape.owners[tape.ownerRows.indexOf(row)] as Variable
    : handleOf(row);
}
