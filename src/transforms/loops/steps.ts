/** How a step of a loop is taken, recorded, and run as a program. */
import { describeValue, formatShape } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import { allocate, type FloatArray } from "../../array/dtype.ts";
import { NdArray } from "../../array/nd_array.ts";
import { type Shape, sizeOf } from "../../array/shape.ts";
import type { Value } from "../../array/value.ts";
import { type Graph, inputNode, type Node, putValue, rewrite, sliceValue } from "../../compiler/mod.ts";
import { stepOf } from "../core/compiled_step.ts";
import { variablesIn } from "../core/custom_row.ts";
import { type TracedGraph, type TracedInput, traceGraph } from "../core/graphs.ts";
import type { TraceOptions } from "../core/guard.ts";
import { plainValue } from "../../variable/rows.ts";
import { untracked, type Variable } from "../../variable/variable.ts";

/** The arguments of a scan. */
export interface ScanCall {
  readonly step: (state: unknown, x: unknown) => readonly [unknown, unknown];
  readonly start: unknown;
  readonly xs: unknown;
  readonly length: number;
  /** The Variables of the state. */
  readonly states: readonly Variable[];
  /** The Variables of the inputs. */
  readonly slices: readonly Variable[];
}

/** Runs a step and checks what it returns. */
export function takeStep(
  { step, states }: ScanCall,
  state: unknown,
  x: unknown,
): { state: Variable[]; tree: unknown; output: unknown } {
  const result = step(state, x);
  if (!Array.isArray(result) || result.length !== 2) {
    throw new TypeError(
      message`Cannot scan: the step must return [state, output], it returned
      ${describeValue(result)}; [] for no output`,
    );
  }
  const next = variablesIn(result[0]);
  const differs = next.length !== states.length ||
    next.some((y, i) =>
      formatShape(y.shape) !== formatShape(states[i]!.shape) || y.dtype !== states[i]!.dtype
    );
  if (differs) {
    const show = (list: readonly Variable[]): string =>
      list.map((y) => `${y.dtype}${formatShape(y.shape)}`).join(", ");
    throw new TypeError(
      message`Cannot scan: the step must return a state like the one it takes,
      ${show(states)}, it returned ${show(next)}`,
    );
  }
  return { state: next, tree: result[0], output: result[1] };
}

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

/** A loop whose step is a graph. */
export interface Loop {
  /** The step: of the state, a slice, what is captured, and arrays; gives the next state and outputs. */
  readonly step: { readonly graph: Graph; readonly arrays: readonly NdArray[] };
  /** What derivatives are by: the first state, what the loop runs over, and what the step captures. */
  readonly operands: readonly Variable[];
  /** How many Variables the state has, and how many the loop runs over. */
  readonly counts: { readonly states: number; readonly slices: number };
  /** How many steps are taken. */
  readonly length: number;
  /** The state before each step. */
  readonly states: readonly (readonly Value[])[];
}

/** Outputs of all steps, one after the other. */
export class Outputs {
  readonly #types: readonly Node[];
  readonly #results: readonly FloatArray[];

  /** Makes room for outputs like some nodes. */
  constructor(types: readonly Node[], length: number) {
    this.#types = types;
    this.#results = types.map((y) => allocate(y.dtype, sizeOf(y.shape) * length));
  }

  /** Keeps the outputs of step t. */
  put(t: number, values: readonly Value[]): void {
    this.#types.forEach((y, k) => putValue(this.#results[k]!, t * sizeOf(y.shape), values[k]!));
  }

  /** The outputs, stacked along a new first axis. */
  stacked(length: number): Variable[] {
    return this.#types.map((y, k) =>
      untracked(new NdArray(this.#results[k]!, [length, ...y.shape] as Shape), y.dtype)
    );
  }
}

/** Walks back through all steps, the last first; gives the cotangent of each operand. */
export function runBackward(
  loop: Loop,
  cotangents: readonly Variable[],
  inputs: readonly Variable[],
): Variable[] {
  const { step, states, length } = loop;
  const { states: count, slices: width } = loop.counts;
  const values = inputs.map(plainValue);
  const xs = values.slice(count, count + width) as NdArray[];
  const fixed = [...values.slice(count + width), ...step.arrays];
  const inputsAt = (t: number): Value[] => [...states[t]!, ...xs.map((x) => sliceValue(x, t)), ...fixed];
  let stateSlopes = cotangents.slice(0, count).map(plainValue);
  const outputSlopes = cotangents.slice(count).map((g) => plainValue(g) as NdArray);
  const sums = inputs.map((x, k) => k < count ? null : allocate(x.dtype, x.size));
  const backward = length === 0 ? null : stepOf(step.graph, inputs.length).backward(inputsAt(0));
  for (let t = length - 1; t >= 0; t--) {
    const slopes = [...stateSlopes, ...outputSlopes.map((g) => sliceValue(g, t))];
    const found = backward!.run([...inputsAt(t), ...slopes]);
    stateSlopes = found.slice(0, count);
    for (let k = 0; k < width; k++) {
      putValue(sums[count + k]!, t * sizeOf(xs[k]!.shape.slice(1)), found[count + k]!);
    }
    for (let k = count + width; k < inputs.length; k++) addTo(sums[k]!, found[k]!);
  }
  return inputs.map((x, k) => {
    if (k < count) return untracked(stateSlopes[k]!, x.dtype);
    return untracked(x.shape.length === 0 ? sums[k]![0]! : new NdArray(sums[k]!, x.shape), x.dtype);
  });
}

/** Pushes tangents through all steps; gives those of the last state, and of the stacked outputs. */
export function runTangents(
  loop: Loop,
  inputs: readonly Variable[],
  tangents: readonly Variable[],
): Variable[] {
  const { step, states, length } = loop;
  const { states: count, slices: width } = loop.counts;
  const [values, moved] = [inputs.map(plainValue), tangents.map(plainValue)];
  const slicesAt = (all: readonly Value[], t: number): Value[] =>
    all.slice(count, count + width).map((x) => sliceValue(x as NdArray, t));
  const inputsAt = (t: number): Value[] => [
    ...states[t]!,
    ...slicesAt(values, t),
    ...values.slice(count + width),
    ...step.arrays,
  ];
  const outputs = new Outputs(step.graph.outputs.slice(count), length);
  const tangent = length === 0 ? null : stepOf(step.graph, inputs.length).tangent(inputsAt(0));
  let state: readonly Value[] = moved.slice(0, count);
  for (let t = 0; t < length; t++) {
    const directions = [...state, ...slicesAt(moved, t), ...moved.slice(count + width)];
    const found = tangent!.run([...inputsAt(t), ...directions]);
    state = found.slice(0, count);
    outputs.put(t, found.slice(count));
  }
  const last = state.map((value, k) => untracked(value, inputs[k]!.dtype));
  return [...last, ...outputs.stacked(length)];
}

function addTo(into: FloatArray, value: Value): void {
  if (typeof value === "number") into[0]! += value;
  else for (let i = 0; i < into.length; i++) into[i]! += value.data[i]!;
}
