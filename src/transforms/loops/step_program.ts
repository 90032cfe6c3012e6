import { plainValue, rowOf } from "../../variable/rows.ts";
import { apply } from "../../variable/apply.ts";
import { message } from "../../_internal/message.ts";
import type { DType } from "../../array/dtype.ts";
import type { Value } from "../../array/value.ts";
import { fullArray, NdArray } from "../../array/nd_array.ts";
import { sizeOf } from "../../array/shape.ts";
import {
  type CompiledGraph,
  compileGraph,
  constantNode,
  type Graph,
  graphFromTape,
  graphKey,
  inputNode,
  liveNodes,
  type Node,
  rewrite,
} from "../../compiler/mod.ts";
import { INPUT, tape, TRAINABLE } from "../../tape/mod.ts";
import type { Variable } from "../../variable/mod.ts";
import { handleOf, untracked } from "../../variable/variable.ts";
import { variablesIn, withVariables } from "../core/custom_row.ts";
import { guarded } from "../core/guard.ts";
import { jvp } from "../jvp.ts";
import { type ScanCall, takeStep } from "./take_step.ts";
import { vjp } from "../vjp.ts";

/** A step as a program: of the state, a slice, and what it uses beside. */
export interface StepProgram {
  readonly graph: Graph;
  /** Variables that the step uses beside its arguments. */
  readonly captured: readonly Variable[];
  /** Arrays that it uses beside, which no derivative is by; the last inputs of the graph. */
  readonly arrays: readonly NdArray[];
  /** The structure of an output. */
  readonly output: unknown;
  /** The shapes of the outputs' leaves. */
  readonly outputs: readonly Variable[];
}

/** Ends the recording of a step that reads values or changes Variables, and so has to run for each. */
class ReadsValue {}

/** Records one step; null if it can't stand for all of them, as it reads a value that differs between them. */
export function recordStep(call: ScanCall): StepProgram | null {
  try {
    return traceStep(call);
  } catch (reason) {
    if (reason instanceof ReadsValue) return null;
    throw reason;
  }
}

/** Records one step, of which the rows are dropped again. */
function traceStep(call: ScanCall): StepProgram {
  return tape.frame(({ mark }) => {
    const rows: number[] = [];
    const lift = (x: Variable, value: Value): Variable => {
      const row = tape.leaf(INPUT, value, x.dtype, x.name);
      rows.push(row);
      return handleOf(row);
    };
    const state = withVariables(call.start, call.states.map((x) => lift(x, plainValue(x))));
    const first = call.slices.map((x) => lift(x, sliceValue(plainValue(x) as NdArray, 0)));
    const onRead = (): boolean => {
      throw new ReadsValue();
    };
    const trace = { where: "scan()", inputs: rows, onRead, onWrite: onRead };
    const taken = guarded(trace, () => takeStep(call, state, withVariables(call.xs, first)));
    const outputs = variablesIn(taken.output);
    const results = [...taken.state, ...outputs].map((y) =>
      rowOf(y) >= 0 ? rowOf(y) : constantNode(plainValue(y), y.dtype)
    );
    const captured: Variable[] = [];
    const nodes: Node[] = [];
    const outside = (row: number): Node => {
      const isTrainable = tape.opcodes[row] === TRAINABLE;
      const x = isTrainable ? tape.owners[tape.ownerRows.indexOf(row)] as Variable : handleOf(row);
      captured.push(x);
      nodes.push(inputNode(rows.length + nodes.length, x.shape, x.dtype));
      return nodes.at(-1)!;
    };
    const cut = graphFromTape(tape, mark, rows, results, outside);
    const { graph, arrays } = liftArrays({ ...cut, inputs: [...cut.inputs, ...nodes] });
    return {
      graph,
      captured,
      arrays,
      output: taken.output,
      outputs: outputs.map((y) => untracked(plainValue(y), y.dtype)),
    };
  });
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

export function sliceValue(x: NdArray, t: number): Value {
  const shape = x.shape.slice(1);
  const size = sizeOf(shape);
  return shape.length === 0 ? x.data[t]! : new NdArray(x.data.subarray(t * size, (t + 1) * size), shape);
}

/** Runs a graph as operations on Variables. */
export function runGraph(graph: Graph, inputs: readonly Variable[]): Variable[] {
  const made = new Map<Node, Variable>(graph.inputs.map((node, i) => [node, inputs[i]!]));
  for (const node of liveNodes(graph.outputs)) {
    if (made.has(node)) continue;
    made.set(
      node,
      node.operation === null
        ? untracked(node.value!, node.dtype)
        : apply(node.operation, node.operands.map((o) => made.get(o)!), node.attributes),
    );
  }
  return graph.outputs.map((node) => made.get(node)!);
}

/**
 * A program that is recorded of a graph: of its inputs, and of as many Variables like those given.
 *
 * @param record Takes the first `count` inputs as Variables to differentiate by, the graph as a function of them,
 *   and the Variables; returns the results
 */
function derivedGraph(
  graph: Graph,
  values: readonly Value[],
  like: readonly Node[],
  count: number,
  record: (
    f: (...x: Variable[]) => Variable[],
    free: readonly Variable[],
    others: readonly Variable[],
  ) => readonly Variable[],
): Graph {
  return tape.frame(({ mark }) => {
    const lift = (value: Value, dtype: DType): Variable => handleOf(tape.leaf(INPUT, value, dtype));
    const inputs = graph.inputs.map(({ dtype }, i) => lift(values[i]!, dtype));
    const others = like.map(({ shape, dtype }) =>
      lift(shape.length === 0 ? 0 : fullArray(shape, 0, dtype), dtype)
    );
    const [free, fixed] = [inputs.slice(0, count), inputs.slice(count)];
    const found = record((...x) => runGraph(graph, [...x, ...fixed]), free, others);
    const results = found.map((g) => rowOf(g) >= 0 ? rowOf(g) : constantNode(plainValue(g), g.dtype));
    return graphFromTape(tape, mark, [...inputs, ...others].map(rowOf), results, (row) => {
      throw new TypeError(message`Cannot scan: row ${row} of the step belongs to something outside of it`);
    });
  });
}

/** The walk backwards through one step: the cotangents of its inputs from those of its results. */
export function backwardGraph(graph: Graph, values: readonly Value[], count: number): Graph {
  return derivedGraph(graph, values, graph.outputs, count, (f, free, cotangents) => {
    const [, pullback] = vjp(f)(...free);
    return (pullback as unknown as (g: readonly Variable[]) => Variable[])(cotangents);
  });
}

/** The walk forwards through one step: the tangents of its results from those of its inputs. */
export function tangentGraph(graph: Graph, values: readonly Value[], count: number): Graph {
  return derivedGraph(
    graph,
    values,
    graph.inputs.slice(0, count),
    count,
    (f, free, tangents) => jvp(f)(free, tangents)[1] as unknown as Variable[],
  );
}

/** A step compiled both ways, the way back when it is first needed. */
export interface CompiledStep {
  readonly forward: CompiledGraph;
  backward: CompiledGraph | null;
  tangent: CompiledGraph | null;
}

/** Steps compiled before, by what they compute; the one not used for longest goes first. */
const compiledSteps = new Map<string, CompiledStep>();
const MOST_STEPS = 32;

export function compileStep(graph: Graph, count: number): CompiledStep {
  const text = graphKey(graph);
  const key = text === undefined ? undefined : `${count} ${text}`;
  const known = key === undefined ? undefined : compiledSteps.get(key);
  const step = known ?? { forward: compileGraph(graph, { target: "wasm" }), backward: null, tangent: null };
  if (key !== undefined) {
    compiledSteps.delete(key);
    compiledSteps.set(key, step);
    if (compiledSteps.size > MOST_STEPS) compiledSteps.delete(compiledSteps.keys().next().value!);
  }
  return step;
}
