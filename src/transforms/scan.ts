import { describeValue, formatShape } from "../_internal/format.ts";
import { allocate, type DType, type FloatArray } from "../array/dtype.ts";
import type { Value } from "../array/elementwise.ts";
import { fullArray, NdArray } from "../array/nd_array.ts";
import { sizeOf } from "../array/shape.ts";
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
} from "../compiler/mod.ts";
import { INPUT, tape, TRAINABLE } from "../tape/mod.ts";
import { mapTree, stack, type Tree, Variable } from "../variable/mod.ts";
import { apply, handleOf, passive, plainValue, rowOf, zerosLike } from "../variable/variable.ts";
import { checkFunction, numbersToConstants } from "./arguments.ts";
import { customRow, pack, variablesIn } from "./custom_row.ts";
import { jvp } from "./jvp.ts";
import { vjp } from "./vjp.ts";

/** The step of {@linkcode scan}: from the state and one slice of the inputs to the next state and an output. */
export type ScanStep<S, X, Y> = (state: S, x: X) => readonly [state: S, output: Y];

/**
 * Takes one step for each slice of the inputs along their first axis, passing a state on: the loop of recurrent
 * networks and of time stepping. The step is recorded and compiled once, however many steps are taken, and for
 * the walk backwards only the states are kept.
 *
 * Under a transform inside of which derivatives of derivatives are wanted, and inside `compile`, the steps are
 * recorded one by one.
 *
 * @param step Takes the state and a slice, trees of Variables; returns the next state, of the same structure,
 *   shapes and dtypes, and an output (any tree of Variables, `[]` for none). It may use other Variables, such as
 *   parameters. It must be synchronous, compute the same each time and not read values
 * @param init The state to start from; numbers and arrays in it become Variables
 * @param inputs A tree whose leaves have the same length along the first axis
 * @returns The last state, and the outputs stacked along a new first axis
 * @throws {TypeError} If the lengths differ, there is no input, or the state changes its shape
 *
 * @example
 * ```ts
 * import { constant, grad, scan, type Variable } from "@tapegrad/tapegrad";
 *
 * const decay = (rate: Variable) => {
 *   const step = (s: Variable, x: Variable) => [s.mul(rate).add(x), s] as const;
 *   return scan(step, constant(0), constant([1, 2, 3]))[0];
 * };
 * console.log(decay(constant(0.5)).item(), grad(decay)(0.5)); // 4.25 3
 * ```
 */
export function scan<S, X, Y>(
  step: ScanStep<S, X, Y>,
  init: S,
  inputs: X,
): [state: S, outputs: Y] {
  checkFunction("scan", step);
  const start = numbersToConstants(init);
  const xs = numbersToConstants(inputs);
  const length = countSteps(xs);
  const call: ScanCall = {
    step: step as unknown as ScanCall["step"],
    start,
    xs,
    length,
    states: variablesIn(start),
    slices: variablesIn(xs),
  };
  const compiled = tape.guard === null && length >= FEWEST ? compiledScan(call) : null;
  return (compiled ?? unrolled(call)) as [S, Y];
}

/** Loops shorter than this do not pay for compiling their step. */
const FEWEST = 8;

/** The arguments of a scan. */
interface ScanCall {
  readonly step: (state: unknown, x: unknown) => readonly [unknown, unknown];
  readonly start: unknown;
  readonly xs: unknown;
  readonly length: number;
  /** The Variables of the state. */
  readonly states: readonly Variable[];
  /** The Variables of the inputs. */
  readonly slices: readonly Variable[];
}

function countSteps(xs: unknown): number {
  const leaves = variablesIn(xs);
  const lengths = leaves.map((x) => x.shape[0]);
  if (leaves.length === 0 || lengths.some((n) => n === undefined || n !== lengths[0])) {
    throw new TypeError(
      `Cannot scan over shapes ${
        leaves.map((x) => formatShape(x.shape)).join(", ") || "of no inputs"
      }: the inputs ` +
        `need a first axis, of the same length for all`,
    );
  }
  return lengths[0]!;
}

/** A tree with other Variables in place of its own. */
function replaced(tree: unknown, variables: readonly Variable[]): unknown {
  let next = 0;
  return mapTree(tree as Tree<unknown>, (leaf) => leaf instanceof Variable ? variables[next++]! : leaf);
}

/** Runs a step and checks what it returns. */
function takeStep(
  { step, states }: ScanCall,
  state: unknown,
  x: unknown,
): { state: Variable[]; tree: unknown; output: unknown } {
  const result = step(state, x);
  if (!Array.isArray(result) || result.length !== 2) {
    throw new TypeError(
      `Cannot scan: the step must return [state, output], it returned ${
        describeValue(result)
      }; [] for no output`,
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
      `Cannot scan: the step must return a state like the one it takes, ${show(states)}, it returned ${
        show(next)
      }`,
    );
  }
  return { state: next, tree: result[0], output: result[1] };
}

/** Slice t of the inputs. */
function sliceAt({ xs, slices }: ScanCall, t: number): unknown {
  return replaced(xs, slices.map((x) => x.slice(t, 1).reshape(x.shape.slice(1))));
}

/** All steps, one by one. */
function unrolled(call: ScanCall): [unknown, unknown] {
  let state = call.start;
  const outputs: unknown[] = [];
  for (let t = 0; t < call.length; t++) {
    const taken = takeStep(call, state, sliceAt(call, t));
    state = taken.tree;
    outputs.push(taken.output);
  }
  if (outputs.length === 0) {
    throw new TypeError(
      "Cannot scan over no inputs: their first axis has length 0, so the outputs are not known",
    );
  }
  const columns = outputs.map(variablesIn);
  return [state, replaced(outputs[0], columns[0]!.map((_, k) => stack(columns.map((list) => list[k]!))))];
}

/** A step as a program: of the state, a slice, and what it uses beside. */
interface StepProgram {
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

/** Records one step, of which the rows are dropped again. */
function recordStep(call: ScanCall): StepProgram {
  const frame = tape.enter();
  try {
    const rows: number[] = [];
    const lift = (x: Variable, value: Value): Variable => {
      const row = tape.leaf(INPUT, value, x.dtype, x.name);
      rows.push(row);
      return handleOf(row);
    };
    const state = replaced(call.start, call.states.map((x) => lift(x, plainValue(x))));
    const first = call.slices.map((x) => lift(x, sliceValue(plainValue(x) as NdArray, 0)));
    const taken = takeStep(call, state, replaced(call.xs, first));
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
    const cut = graphFromTape(tape, frame.mark, rows, results, outside);
    const { graph, arrays } = liftArrays({ ...cut, inputs: [...cut.inputs, ...nodes] });
    return {
      graph,
      captured,
      arrays,
      output: taken.output,
      outputs: outputs.map((y) => passive(plainValue(y), y.dtype)),
    };
  } finally {
    tape.leave(frame, false);
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

function sliceValue(x: NdArray, t: number): Value {
  const shape = x.shape.slice(1);
  const size = sizeOf(shape);
  return shape.length === 0 ? x.data[t]! : new NdArray(x.data.subarray(t * size, (t + 1) * size), shape);
}

/** Runs a graph as operations on Variables. */
function runGraph(graph: Graph, inputs: readonly Variable[]): Variable[] {
  const made = new Map<Node, Variable>(graph.inputs.map((node, i) => [node, inputs[i]!]));
  for (const node of liveNodes(graph.outputs)) {
    if (made.has(node)) continue;
    made.set(
      node,
      node.operation === null
        ? passive(node.value!, node.dtype)
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
  const frame = tape.enter();
  try {
    const lift = (value: Value, dtype: DType): Variable => handleOf(tape.leaf(INPUT, value, dtype));
    const inputs = graph.inputs.map(({ dtype }, i) => lift(values[i]!, dtype));
    const others = like.map(({ shape, dtype }) =>
      lift(shape.length === 0 ? 0 : fullArray(shape, 0, dtype), dtype)
    );
    const [free, fixed] = [inputs.slice(0, count), inputs.slice(count)];
    const found = record((...x) => runGraph(graph, [...x, ...fixed]), free, others);
    const results = found.map((g) => rowOf(g) >= 0 ? rowOf(g) : constantNode(plainValue(g), g.dtype));
    return graphFromTape(tape, frame.mark, [...inputs, ...others].map(rowOf), results, (row) => {
      throw new TypeError(`Cannot scan: row ${row} of the step belongs to something outside of it`);
    });
  } finally {
    tape.leave(frame, false);
  }
}

/** The walk backwards through one step: the cotangents of its inputs from those of its results. */
function backwardGraph(graph: Graph, values: readonly Value[], count: number): Graph {
  return derivedGraph(graph, values, graph.outputs, count, (f, free, cotangents) => {
    const [, pullback] = vjp(f)(...free);
    return (pullback as unknown as (g: readonly Variable[]) => Variable[])(cotangents);
  });
}

/** The walk forwards through one step: the tangents of its results from those of its inputs. */
function tangentGraph(graph: Graph, values: readonly Value[], count: number): Graph {
  return derivedGraph(
    graph,
    values,
    graph.inputs.slice(0, count),
    count,
    (f, free, tangents) => jvp(f)(free, tangents)[1] as unknown as Variable[],
  );
}

/** A step compiled both ways, the way back when it is first needed. */
interface CompiledStep {
  readonly forward: CompiledGraph;
  backward: CompiledGraph | null;
  tangent: CompiledGraph | null;
}

/** Steps compiled before, by what they compute; the one not used for longest goes first. */
const compiledSteps = new Map<string, CompiledStep>();
const MOST_STEPS = 32;

function compileStep(graph: Graph, count: number): CompiledStep {
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

/** All steps by a compiled one; null where the step needs to be recorded. */
function compiledScan(call: ScanCall): [unknown, unknown] {
  const program = recordStep(call);
  const { captured } = program;
  const operands = [...call.states, ...call.slices, ...captured];
  const compiled = compileStep(program.graph, operands.length);
  const { states, results } = runForward(call, program, compiled.forward);
  const outputs = results.map((data, k) => {
    const { shape, dtype } = program.outputs[k]!;
    return passive(new NdArray(data, [call.length, ...shape]), dtype);
  });
  const last = states.at(-1)!.map((value, i) => passive(value, call.states[i]!.dtype));
  const { packed, unpack } = pack([...last, ...outputs]);
  const finish = (all: readonly Variable[]): [unknown, unknown] => [
    replaced(call.start, all.slice(0, call.states.length)),
    replaced(program.output, all.slice(call.states.length)),
  ];
  if (operands.every((x) => rowOf(x) < 0)) return finish(unpack(packed));
  const again = (...values: Variable[]): Variable => {
    const fixed = program.arrays.map((x) => passive(x, x.dtype));
    const [state, ys] = unrolledGraph(call, program.graph, [...values, ...fixed]);
    return pack([...state, ...ys]).packed;
  };
  const row = customRow("scan", operands, packed, {
    vjp: (values, g) => {
      const inputs = values.slice(0, operands.length);
      if ([...values, g].some((x) => rowOf(x) >= 0)) {
        const [, pullback] = vjp(again)(...inputs);
        return [...(pullback as (g: Variable) => Variable[])(g), undefined];
      }
      return [...runBackward(call, program, compiled, states, unpack(g), inputs), undefined];
    },
    jvp: (values, tangents) => {
      const inputs = values.slice(0, operands.length);
      const moved = inputs.map((x, k) => tangents[k] ?? passive(zerosLike(x), x.dtype));
      if ([...values, ...moved].some((x) => rowOf(x) >= 0)) return jvp(again)(inputs, moved)[1] as Variable;
      return pack(runTangents(call, program, compiled, states, inputs, moved)).packed;
    },
  });
  return finish(unpack(row));
}

/** All steps as recorded operations, from the graph of one. */
function unrolledGraph(call: ScanCall, graph: Graph, values: readonly Variable[]): [Variable[], Variable[]] {
  const [count, width] = [call.states.length, call.slices.length];
  let state = values.slice(0, count);
  const captured = values.slice(count + width);
  const columns: Variable[][] = [];
  for (let t = 0; t < call.length; t++) {
    const slices = values.slice(count, count + width).map((x) => x.slice(t, 1).reshape(x.shape.slice(1)));
    const results = runGraph(graph, [...state, ...slices, ...captured]);
    state = results.slice(0, count);
    columns.push(results.slice(count));
  }
  return [state, columns[0]!.map((_, k) => stack(columns.map((list) => list[k]!)))];
}

/** Takes all steps; gives the states before and after each, and the outputs one after the other. */
function runForward(
  call: ScanCall,
  { outputs, captured, arrays }: StepProgram,
  forward: CompiledGraph,
): { states: Value[][]; results: FloatArray[] } {
  const count = call.states.length;
  const states: Value[][] = [call.states.map(plainValue)];
  const fixed = [...captured.map(plainValue), ...arrays];
  const xs = call.slices.map((x) => plainValue(x) as NdArray);
  const results = outputs.map((y) => allocate(y.dtype, y.size * call.length));
  for (let t = 0; t < call.length; t++) {
    const found = forward.run([...states[t]!, ...xs.map((x) => sliceValue(x, t)), ...fixed]);
    states.push(found.slice(0, count));
    outputs.forEach((y, k) => put(results[k]!, t * y.size, found[count + k]!));
  }
  return { states, results };
}

function put(into: FloatArray, at: number, value: Value): void {
  if (typeof value === "number") into[at] = value;
  else into.set(value.data, at);
}

/** Walks back through all steps, the last first. */
function runBackward(
  call: ScanCall,
  program: StepProgram,
  compiled: CompiledStep,
  states: readonly (readonly Value[])[],
  cotangents: readonly Variable[],
  inputs: readonly Variable[],
): Variable[] {
  const [count, width] = [call.states.length, call.slices.length];
  const values = inputs.map(plainValue);
  const xs = values.slice(count, count + width) as NdArray[];
  const fixed = [...values.slice(count + width), ...program.arrays];
  const example = [...states[0]!, ...xs.map((x) => sliceValue(x, 0)), ...fixed];
  const backward = compiled.backward ??= compileGraph(backwardGraph(program.graph, example, inputs.length), {
    target: "wasm",
  });
  let stateSlopes = cotangents.slice(0, count).map(plainValue);
  const outputSlopes = cotangents.slice(count).map((g) => plainValue(g) as NdArray);
  const sums = inputs.map((x, k) => k < count ? null : allocate(x.dtype, x.size));
  for (let t = call.length - 1; t >= 0; t--) {
    const found = backward.run([
      ...states[t]!,
      ...xs.map((x) => sliceValue(x, t)),
      ...fixed,
      ...stateSlopes,
      ...outputSlopes.map((g) => sliceValue(g, t)),
    ]);
    stateSlopes = found.slice(0, count);
    for (let k = 0; k < width; k++) {
      put(sums[count + k]!, t * sizeOf(xs[k]!.shape.slice(1)), found[count + k]!);
    }
    for (let k = count + width; k < inputs.length; k++) addTo(sums[k]!, found[k]!);
  }
  return inputs.map((x, k) => {
    if (k < count) return passive(stateSlopes[k]!, x.dtype);
    return passive(x.shape.length === 0 ? sums[k]![0]! : new NdArray(sums[k]!, x.shape), x.dtype);
  });
}

/** Pushes tangents through all steps; gives those of the last state, and of the stacked outputs. */
function runTangents(
  call: ScanCall,
  program: StepProgram,
  compiled: CompiledStep,
  states: readonly (readonly Value[])[],
  inputs: readonly Variable[],
  tangents: readonly Variable[],
): Variable[] {
  const [count, width] = [call.states.length, call.slices.length];
  const [values, moved] = [inputs.map(plainValue), tangents.map(plainValue)];
  const fixed = [...values.slice(count + width), ...program.arrays];
  const slices = (all: readonly Value[], t: number): Value[] =>
    all.slice(count, count + width).map((x) => sliceValue(x as NdArray, t));
  const example = [...states[0]!, ...slices(values, 0), ...fixed];
  const tangent = compiled.tangent ??= compileGraph(tangentGraph(program.graph, example, inputs.length), {
    target: "wasm",
  });
  const { outputs } = program;
  const results = outputs.map((y) => allocate(y.dtype, y.size * call.length));
  let state: readonly Value[] = moved.slice(0, count);
  for (let t = 0; t < call.length; t++) {
    const found = tangent.run([
      ...states[t]!,
      ...slices(values, t),
      ...fixed,
      ...state,
      ...slices(moved, t),
      ...moved.slice(count + width),
    ]);
    state = found.slice(0, count);
    outputs.forEach((y, k) => put(results[k]!, t * y.size, found[count + k]!));
  }
  return [
    ...state.map((value, k) => passive(value, inputs[k]!.dtype)),
    ...outputs.map((y, k) => passive(new NdArray(results[k]!, [call.length, ...y.shape]), y.dtype)),
  ];
}

function addTo(into: FloatArray, value: Value): void {
  if (typeof value === "number") into[0]! += value;
  else for (let i = 0; i < into.length; i++) into[i]! += value.data[i]!;
}
