import { rowOf, zerosLike } from "../../variable/rows.ts";
import { message } from "../../_internal/message.ts";
import { formatShape } from "../../_internal/format.ts";
import { NdArray } from "../../array/nd_array.ts";
import type { Graph } from "../../compiler/mod.ts";
import { tape } from "../../tape/mod.ts";
import { stack } from "../../functions/mod.ts";
import type { Variable } from "../../variable/mod.ts";
import { untracked } from "../../variable/variable.ts";
import { checkFunction, numbersToConstants } from "../core/arguments.ts";
import { customRow, pack, variablesIn, withVariables } from "../core/custom_row.ts";
import { jvp } from "../jvp.ts";
import { compileStep, recordStep, runGraph } from "./step_program.ts";
import { runBackward, runForward, runTangents } from "./step_runs.ts";
import { type ScanCall, takeStep } from "./take_step.ts";
import { vjp } from "../vjp.ts";

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
 *   parameters. It must be synchronous and compute the same each time. If it reads values, for a branch, the steps
 *   are taken one by one
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
  const compiled = !tape.isTracing && length >= FEWEST ? compiledScan(call) : null;
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
  if (outputs.length === 0) {
    throw new TypeError(
      "Cannot scan over no inputs: their first axis has length 0, so the outputs are not known",
    );
  }
  const columns = outputs.map(variablesIn);
  return [
    state,
    withVariables(outputs[0], columns[0]!.map((_, k) => stack(columns.map((list) => list[k]!)))),
  ];
}

/** All steps by a compiled one; null where the step needs to be recorded. */
function compiledScan(call: ScanCall): [unknown, unknown] | null {
  const program = recordStep(call);
  if (program === null) return null;
  const { captured } = program;
  const operands = [...call.states, ...call.slices, ...captured];
  const compiled = compileStep(program.graph, operands.length);
  const { states, results } = runForward(call, program, compiled.forward);
  const outputs = results.map((data, k) => {
    const { shape, dtype } = program.outputs[k]!;
    return untracked(new NdArray(data, [call.length, ...shape]), dtype);
  });
  const last = states.at(-1)!.map((value, i) => untracked(value, call.states[i]!.dtype));
  const { packed, unpack } = pack([...last, ...outputs]);
  const finish = (all: readonly Variable[]): [unknown, unknown] => [
    withVariables(call.start, all.slice(0, call.states.length)),
    withVariables(program.output, all.slice(call.states.length)),
  ];
  if (operands.every((x) => rowOf(x) < 0)) return finish(unpack(packed));
  const again = (...values: Variable[]): Variable => {
    const fixed = program.arrays.map((x) => untracked(x, x.dtype));
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
      const moved = inputs.map((x, k) => tangents[k] ?? untracked(zerosLike(x), x.dtype));
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
