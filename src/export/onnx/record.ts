import { type DType, roundTo } from "../../array/dtype.ts";
import { fullArray } from "../../array/nd_array.ts";
import type { Shape } from "../../array/shape.ts";
import { type Graph, unrollLoops } from "../../compiler/mod.ts";
import { shareCommonRows } from "../../compiler/passes/common_rows.ts";
import { traceGraph } from "../../transforms/core/graphs.ts";
import type { Variable } from "../../variable/mod.ts";

/** What an input of a recorded function is like. */
export interface RecordedInput {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DType;
  /** Whether it takes the dtype of what it is combined with. */
  readonly takesOtherDtype: boolean;
}

/** A function as a graph. */
export interface RecordedGraph {
  /** Its inputs are those given, then one for each captured Variable. */
  readonly graph: Graph;
  /** Trainable Variables that the function uses. */
  readonly captured: readonly Variable[];
}

/** Records a function of Variables for shapes; its inputs have no values. */
export function recordGraph(
  inputs: readonly RecordedInput[],
  f: (inputs: readonly Variable[]) => readonly Variable[],
): RecordedGraph {
  const traced = inputs.map(({ shape, dtype, ...rest }) => ({
    ...rest,
    dtype,
    value: shape.length === 0 ? roundTo(dtype, 0) : fullArray(shape, 0, dtype),
  }));
  const { graph, captured } = traceGraph(traced, { where: "toOnnx()", variablesDiffer: true }, (lifted) => ({
    outputs: f(lifted),
    result: undefined,
  }));
  return { graph: shareCommonRows(unrollLoops(graph)), captured };
}
