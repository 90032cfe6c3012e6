/** Loops that end when their state says so, as one row of a function that is recorded without values. */
import { allocate, type DType } from "../../array/dtype.ts";
import { type Shape, sizeOf } from "../../array/shape.ts";
import { NdArray } from "../../array/nd_array.ts";
import { askForValues } from "../../array/deferred_array.ts";
import type { Value } from "../../array/value.ts";
import { message } from "../../_internal/message.ts";
import { type Graph, graphKey, type LoopPart, putValue } from "../../compiler/mod.ts";
import { type LoopRules, numberOf, operation as op } from "../../primitives/mod.ts";
import { tape } from "../../tape/mod.ts";
import { apply } from "../../variable/apply.ts";
import { untracked, type Variable } from "../../variable/variable.ts";
import { zerosLike } from "../../variable/rows.ts";
import { castVariable } from "../core/differentiable_walks.ts";
import { stepOf } from "../core/compiled_step.ts";
import { overVariables, packBatch } from "../core/custom_row.ts";
import { runGraph } from "../core/graphs.ts";
import { jvp, vjp } from "../directional.ts";
import { partOf, recordStep, widest } from "./recorded_loop.ts";
import type { TracedStep } from "./steps.ts";

/** The functions of a loop over the Variables of its state. */
export interface LoopFunctions {
  /** The next state. */
  step(state: readonly Variable[]): Variable[];
  /** 0 where the loop ends. */
  proceed(state: readonly Variable[]): Variable;
}

/** Runs a loop over many states at once. */
export type RunBatch = (
  functions: LoopFunctions,
  state: readonly Variable[],
  size: number,
) => readonly Variable[];

/** A loop: one state and arrays that stay the same go in. */
interface WhileGraphs {
  /** From the state and the arrays to the next state, and whether to go on from there. */
  readonly step: Graph;
  /** From the state and the arrays to whether to go on. */
  readonly condition: Graph;
  /** How many inputs are the state. */
  readonly states: number;
  readonly runBatch: RunBatch;
}

/** The graphs of a loop, as one who writes it elsewhere needs them. */
export interface WrittenWhile extends Pick<WhileGraphs, "step" | "condition" | "states"> {
  /** For the way back: from the state before a step, the arrays and the slopes after it, the slopes before it. */
  readonly back: Graph | null;
}

const writtenLoops = new WeakMap<LoopRules, WrittenWhile>();

/** The graphs of the row of a loop, or of its derivative; undefined for other rows. */
export function whileGraphsOf(rules: LoopRules): WrittenWhile | undefined {
  return writtenLoops.get(rules);
}

/** Whether to go on; NaN says neither, and would never end. */
export function checkCondition(condition: number, taken: number): boolean {
  if (!Number.isNaN(condition)) return condition !== 0;
  throw new RangeError(
    message`Cannot go on with whileLoop(): the condition is NaN after ${taken} steps; compare with lt() or gt(), which
    give 0 or 1`,
  );
}

/**
 * Records a loop as one row. What its step captures becomes a part of the state, which it leaves as it is.
 *
 * @param traced The step: next state, whether to go on after it, and whether to go on before it
 */
export function recordWhile(
  { graph, captured, arrays }: TracedStep<null>,
  init: readonly Variable[],
  runBatch: RunBatch,
): readonly Variable[] {
  const all = [...init, ...captured];
  const dtype = widest(all.map((x) => x.dtype));
  const types = graph.inputs.map(({ shape, dtype: own }, k) => ({
    shape,
    dtype: k < all.length ? dtype : own,
  }));
  const widened = (
    wanted: (results: readonly Variable[], state: readonly Variable[]) => readonly Variable[],
  ): Graph =>
    recordStep(types, (given) => {
      const results = runGraph(graph, given.map((x, k) => castVariable(x, graph.inputs[k]!.dtype)));
      return wanted(results, given.slice(init.length, all.length)).map((x) => castVariable(x, dtype));
    });
  const rules = makeWhile({
    step: widened((results, fixed) => [...results.slice(0, init.length), ...fixed, results[init.length]!]),
    condition: widened((results) => results.slice(-1)),
    states: all.length,
    runBatch,
  });
  const fixed = arrays.map((x) => untracked(x, x.dtype));
  const packed = apply(op.loop, [...all.map((x) => strong(castVariable(x, dtype))), ...fixed], rules);
  return partsOf(init.map((x) => x.shape)).map((part, k) =>
    castVariable(partOf(packed, part), init[k]!.dtype)
  );
}

function strong(x: Variable): Variable {
  return x.state?.takesOtherDtype === true ? apply(op.identity, [x], undefined) : x;
}

function partsOf(shapes: readonly Shape[]): LoopPart[] {
  let size = 0;
  return shapes.map((shape) => {
    const offset = size;
    size += sizeOf(shape);
    return { offset, shape };
  });
}

/** Takes all steps; gives the states before each, and the last. */
function takeSteps({ step, condition, states }: WhileGraphs, inputs: readonly Value[]): (readonly Value[])[] {
  const fixed = inputs.slice(states);
  const visited = [inputs.slice(0, states)];
  const [begins] = stepOf(condition, inputs.length).forward.run(inputs);
  let goesOn = checkCondition(numberOf(begins!), 0);
  for (let taken = 1; goesOn; taken++) {
    const found = stepOf(step, inputs.length).forward.run([...visited.at(-1)!, ...fixed]);
    goesOn = checkCondition(numberOf(found.pop()!), taken);
    visited.push(found);
  }
  return visited;
}

function packValues(
  values: readonly Value[],
  dtype: DType,
  parts: readonly LoopPart[],
  size: number,
): NdArray {
  const packed = allocate(dtype, size);
  values.forEach((value, k) => putValue(packed, parts[k]!.offset, value));
  return new NdArray(packed);
}

/** What the rows of a loop and of its derivative have in common. */
function layoutOf({ step, condition, states }: WhileGraphs) {
  const nodes = step.inputs.slice(0, states);
  const parts = partsOf(nodes.map(({ shape }) => shape));
  const size = nodes.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const key = (): string | undefined => {
    const keys = [graphKey(step), graphKey(condition)];
    return keys.includes(undefined) ? undefined : keys.join("\n");
  };
  return { dtype: step.outputs[0]!.dtype, parts, size, key, dtypes: step.inputs.map((x) => x.dtype) };
}

function makeWhile(graphs: WhileGraphs): LoopRules {
  const { states } = graphs;
  const { dtype, parts, size, key, dtypes } = layoutOf(graphs);
  let backward: LoopRules | undefined;
  let forward: LoopRules | undefined;
  const rules: LoopRules & { toJSON(): unknown } = {
    size,
    dtype,
    run: (inputs) => packValues(takeSteps(graphs, inputs).at(-1)!, dtype, parts, size),
    joint: {
      vjp: (c, g) =>
        overVariables(c.inputs, [g], dtypes, [dtype], (inputs, [slope]) => {
          backward ??= makeBackward(graphs);
          const found = apply(op.loop, [...inputs, ...parts.map((part) => partOf(slope!, part))], backward);
          return inputs.map((_, k) => k < states ? partOf(found, parts[k]!) : undefined);
        }),
      jvp: (c, tangents) =>
        overVariables(c.inputs, tangents, dtypes, dtypes, (inputs, moved) => {
          forward ??= makeWhile(makeForward(graphs));
          const start = inputs.slice(0, states).map((x, k) => moved[k] ?? untracked(zerosLike(x), x.dtype));
          const both = [...inputs.slice(0, states), ...start, ...inputs.slice(states)];
          return [apply(op.loop, both, forward).slice(size, size)];
        })[0],
    },
    batch: ({ inputs, batched, size }) =>
      packBatch(
        batchOf(graphs, inputs as unknown as Variable[], batched, size),
        size,
      ) as unknown as typeof inputs[number],
    toJSON: () => key() === undefined ? () => {} : { while: key() },
  };
  writtenLoops.set(rules, { ...graphs, back: null });
  return rules;
}

/** The last states of many examples. */
function batchOf(
  { step, condition, states, runBatch }: WhileGraphs,
  inputs: readonly Variable[],
  batched: readonly boolean[],
  size: number,
): readonly Variable[] {
  const fixed = inputs.slice(states);
  const start = inputs.slice(0, states).map((x, k) => batched[k] ? x : x.broadcastTo([size, ...x.shape]));
  const functions: LoopFunctions = {
    step: (state) => runGraph(step, [...state, ...fixed]).slice(0, states),
    proceed: (state) => runGraph(condition, [...state, ...fixed])[0]!,
  };
  return size === 0 ? start : runBatch(functions, start, size);
}

/** The loop over the state and its tangent. */
function makeForward({ step, condition, states, runBatch }: WhileGraphs): WhileGraphs {
  const nodes = step.inputs.slice(0, states);
  const types = [...nodes, ...nodes, ...step.inputs.slice(states)];
  const primalsOf = (
    all: readonly Variable[],
  ): Variable[] => [...all.slice(0, states), ...all.slice(2 * states)];
  const graph = recordStep(types, (all) => {
    const fixed = all.slice(2 * states);
    const f = (...x: Variable[]): Variable[] => runGraph(step, [...x, ...fixed]);
    const [values, tangents] = jvp(f)(all.slice(0, states), all.slice(states, 2 * states)) as [
      Variable[],
      Variable[],
    ];
    return [...values.slice(0, states), ...tangents.slice(0, states), values[states]!];
  });
  return {
    step: graph,
    condition: recordStep(types, (all) => runGraph(condition, primalsOf(all))),
    states: 2 * states,
    runBatch,
  };
}

/** The way back: takes the steps again, keeps the states, and walks back over them. */
function makeBackward(graphs: WhileGraphs): LoopRules {
  const { step, states } = graphs;
  const { dtype, parts, size, key } = layoutOf(graphs);
  const nodes = step.inputs.slice(0, states);
  const back = recordStep([...step.inputs, ...nodes], (all) => {
    const fixed = all.slice(states, step.inputs.length);
    const f = (...x: Variable[]): Variable[] => runGraph(step, [...x, ...fixed]).slice(0, states);
    const [, pullback] = vjp(f)(...all.slice(0, states));
    return (pullback as unknown as (g: readonly Variable[]) => Variable[])(all.slice(step.inputs.length));
  });
  const refuse = (): never => {
    // With values the steps are recorded one by one, and can be differentiated again.
    if (tape.withoutValues) askForValues();
    throw new TypeError(
      "Cannot differentiate the derivative of whileLoop() again after it was compiled: compile the derivative",
    );
  };
  const rules: LoopRules & { toJSON(): unknown } = {
    size,
    dtype,
    run(inputs) {
      const own = inputs.slice(0, step.inputs.length);
      const visited = takeSteps(graphs, own);
      let slopes: readonly Value[] = inputs.slice(step.inputs.length);
      for (let i = visited.length - 2; i >= 0; i--) {
        const given = [...visited[i]!, ...own.slice(states), ...slopes];
        slopes = stepOf(back, given.length).forward.run(given);
      }
      return packValues(slopes, dtype, parts, size);
    },
    joint: { vjp: refuse, jvp: refuse },
    batch: ({ inputs, batched, size }) => {
      const all = (inputs as unknown as Variable[]).map((x, k) =>
        batched[k] || (k >= states && k < step.inputs.length) ? x : x.broadcastTo([size, ...x.shape])
      );
      const fixed = all.slice(states, step.inputs.length);
      const f = (...x: Variable[]): readonly Variable[] =>
        batchOf(graphs, [...x, ...fixed], [...x.map(() => true), ...fixed.map(() => false)], size);
      const [, pullback] = vjp(f)(...all.slice(0, states));
      const found = (pullback as unknown as (g: readonly Variable[]) => Variable[])(
        all.slice(step.inputs.length),
      );
      return packBatch(found, size) as unknown as typeof inputs[number];
    },
    toJSON: () => key() === undefined ? () => {} : { whileBackward: key() },
  };
  writtenLoops.set(rules, { ...graphs, back });
  return rules;
}
