import { isUnknown, plainValue, rowOf } from "../../variable/rows.ts";
import { untracked, type Variable } from "../../variable/variable.ts";
import { message } from "../../_internal/message.ts";
import { formatShape } from "../../_internal/format.ts";
import { unknownValue } from "../../array/deferred_array.ts";
import type { NdArray } from "../../array/nd_array.ts";
import { debugging, tape } from "../../tape/mod.ts";
import { stack } from "../../functions/mod.ts";
import { sliceValue } from "../../compiler/mod.ts";
import { checkFunction, numbersToConstants } from "../core/arguments.ts";
import { variablesIn, withVariables } from "../core/custom_row.ts";
import type { Lowered } from "../core/types.ts";
import { castVariable } from "../core/differentiable_walks.ts";
import { runGraph } from "../core/graphs.ts";
import { applyLoop, makeLoop, partOf, recordStep, widest } from "./recorded_loop.ts";
import { Outputs, type ScanCall, takeStep, type TracedStep, traceStep } from "./steps.ts";

/** The step of {@linkcode scan}: from the state and one slice of the inputs to the next state and an output. */
export type ScanStep<S, X, Y> = (state: S, x: X) => readonly [state: S, output: Y];

/**
 * Takes one step for each slice of the inputs along their first axis, passing a state on: the loop of recurrent
 * networks and of time stepping. The step is recorded once at each call, with what it reads from outside as
 * it is then, and compiled if no equal step was before; for the walk backwards only the states are kept.
 *
 * Inside `compile` and `vmap` it is one operation, a loop of the program, whose derivatives of any order are loops, too:
 * how long it takes to compile does not depend on the number of steps.
 *
 * @param step Takes the state and a slice, trees of Variables; returns the next state, of the same structure,
 *   shapes and dtypes, and an output (any tree of Variables, `[]` for none). It may use other Variables, such as
 *   parameters. It must be synchronous and compute the same each time. If it reads values, for a branch, the steps
 *   are taken one by one
 * @param init The state to start from; numbers and arrays in it become Variables
 * @param inputs A tree whose leaves, Variables or arrays, have the same length along the first axis
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
  init: S | Lowered<S>,
  inputs: X | Lowered<X>,
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
  const compiles = length === 0 || (length >= FEWEST && !debugging());
  const compiled = compiles ? compiledScan(call) : null;
  return (compiled ?? unrolled(call)) as [S, Y];
}

/** Loops shorter than this do not pay for compiling their step. */
const FEWEST = 8;

function countSteps(xs: unknown): number {
  const leaves = variablesIn(xs);
  const lengths = leaves.map((x) => x.shape[0]);
  if (leaves.length === 0 || lengths.some((n) => n === undefined || n !== lengths[0])) {
    throw new TypeError(
      message`Cannot scan over shapes
      ${leaves.map((x) => formatShape(x.shape)).join(", ") || "of no inputs"}: the inputs need a first axis,
      of the same length for all`,
    );
  }
  return lengths[0]!;
}

/** Slice t of the inputs. */
function sliceAt({ xs, slices }: ScanCall, t: number): unknown {
  return withVariables(xs, slices.map((x) => x.slice(t, 1).reshape(x.shape.slice(1))));
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
  const columns = outputs.map(variablesIn);
  const [first] = columns;
  if (first === undefined) {
    throw new TypeError(
      "Cannot scan over no inputs: their first axis has length 0, and the step reads values, so its outputs are not known",
    );
  }
  return [state, withVariables(outputs[0], first.map((_, k) => stack(columns.map((list) => list[k]!))))];
}

/** The loop as one row; its derivatives are loops, too. */
function recordedScan(
  { start, states, slices, length }: ScanCall,
  { graph, arrays, result }: TracedStep<unknown>,
  operands: readonly Variable[],
): [unknown, unknown] {
  const types = graph.outputs.map(({ dtype }) => dtype);
  const dtype = widest(types);
  const count = states.length;
  const step = types.every((type) => type === dtype) ? graph : recordStep(
    graph.inputs.map((x, k) => k < count ? { shape: x.shape, dtype } : x),
    (all) =>
      runGraph(graph, all.map((x, k) => castVariable(x, graph.inputs[k]!.dtype)))
        .map((y) => castVariable(y, dtype)),
  );
  // Whoever may differentiate wants the states.
  const keepsStates = tape.depth > 1 || (!tape.isTracing && operands.some((x) => rowOf(x) >= 0));
  const loop = makeLoop({
    step,
    states: count,
    slices: slices.length,
    length,
    isReversed: false,
    keepsStates,
  });
  const fixed = arrays.map((x) => untracked(x, x.dtype));
  const packed = applyLoop(loop, [
    ...operands.map((x, k) => k < count ? castVariable(x, dtype) : x),
    ...fixed,
  ]);
  const results = [...loop.last, ...loop.outputs].map((part, k) =>
    castVariable(partOf(packed, part), types[k]!)
  );
  return [withVariables(start, results.slice(0, count)), withVariables(result, results.slice(count))];
}

/** The results where only shapes are wanted. */
function unknownResults(
  { start, states, length }: ScanCall,
  { graph, result }: TracedStep<unknown>,
): [unknown, unknown] {
  const values = graph.outputs.map(({ shape, dtype }, k) =>
    untracked(unknownValue(k < states.length ? shape : [length, ...shape], dtype), dtype)
  );
  return [
    withVariables(start, values.slice(0, states.length)),
    withVariables(result, values.slice(states.length)),
  ];
}

/** All steps by a compiled one; null where they have to be taken one by one. */
function compiledScan(call: ScanCall): [unknown, unknown] | null {
  const { states, slices, length } = call;
  const like = [
    ...states.map((x) => ({ value: plainValue(x), dtype: x.dtype, name: x.name })),
    ...slices.map((x) => ({ value: sliceValue(plainValue(x) as NdArray, 0), dtype: x.dtype, name: x.name })),
  ];
  const step = traceStep("scan()", like, false, (inputs) => {
    const state = withVariables(call.start, inputs.slice(0, states.length));
    const taken = takeStep(call, state, withVariables(call.xs, inputs.slice(states.length)));
    return { outputs: [...taken.state, ...variablesIn(taken.output)], result: taken.output };
  });
  if (step === null) return null;
  const operands = [...states, ...slices, ...step.captured];
  if (length > 0) {
    const isShapeOnly = !tape.isTracing && operands.some(isUnknown);
    return isShapeOnly ? unknownResults(call, step) : recordedScan(call, step, operands);
  }
  const none = new Outputs(step.graph.outputs.slice(states.length), 0).stacked(0);
  return [withVariables(call.start, states), withVariables(step.result, none)];
}
