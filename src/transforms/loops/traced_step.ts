import type { NdArray } from "../../array/nd_array.ts";
import { type Graph, inputNode, type Node, rewrite } from "../../compiler/mod.ts";
import type { Variable } from "../../variable/variable.ts";
import type { TraceOptions } from "../core/guard.ts";
import { type TracedGraph, type TracedInput, traceGraph } from "../core/trace_graph.ts";

/** A step of a loop as a graph: of the state, a slice of what the loop runs over, and what it uses beside. */
export interface TracedStep<R> extends TracedGraph<R> {
  /** Arrays that the step uses, which no derivative is by; the last inputs of the graph. */
  readonly arrays: readonly NdArray[];
}

/** Ends the recording of a step that can't stand for all of them. */
class StepDiffers {}

/**
 * Records one step. It is recorded at each call of a loop, so that what it reads from outside is always up to date;
 * equal graphs share a program.
 *
 * @param readsBranches Whether reading a value with `truthy()` alone is no error
 * @returns null if the steps have to be taken one by one, as this one reads a value that differs between them, or
 *   changes a Variable
 */
export function traceStep<R>(
  where: string,
  inputs: readonly TracedInput[],
  readsBranches: boolean,
  f: (inputs: readonly Variable[]) => { readonly outputs: readonly Variable[]; readonly result: R },
): TracedStep<R> | null {
  const end = (): never => {
    throw new StepDiffers();
  };
  const onRead: TraceOptions["onRead"] = (_, how) => readsBranches && how !== ".truthy()" ? false : end();
  try {
    const traced = traceGraph(inputs, { where, onRead, onWrite: end }, f);
    return { ...traced, ...liftArrays(traced.graph) };
  } catch (reason) {
    if (reason instanceof StepDiffers) return null;
    throw reason;
  }
}

/** Makes inputs of the arrays in a graph, so that the program serves for other arrays too. */
function liftArrays(graph: Graph): { graph: Graph; arrays: NdArray[] } {
  const arrays: NdArray[] = [];
  const inputs: Node[] = [];
  const lifted = rewrite(graph, (node) => {
    if (node.value === null || typeof node.value === "number") return node;
    arrays.push(node.value);
    inputs.push(inputNode(graph.inputs.length + inputs.length, node.shape, node.dtype));
    return inputs.at(-1)!;
  });
  return { graph: { ...lifted, inputs: [...lifted.inputs, ...inputs] }, arrays };
}
