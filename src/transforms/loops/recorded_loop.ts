/** Loops as one row: their derivatives are loops again, and so is what vmap makes of them. */
import type { DType } from "../../array/dtype.ts";
import { type Shape, sizeOf } from "../../array/shape.ts";
import { unknownValue } from "../../array/deferred_array.ts";
import type { Value } from "../../array/value.ts";
import { message } from "../../_internal/message.ts";
import {
  arrayBlas,
  type CompiledGraph,
  compileGraph,
  type Graph,
  graphKey,
  GraphLoop,
  inputNode,
  type Iteration,
  type LoopBehaviour,
  type LoopPart,
  operationNode,
} from "../../compiler/mod.ts";
import { concat } from "../../functions/mod.ts";
import { operation as op } from "../../primitives/mod.ts";
import { apply } from "../../variable/apply.ts";
import { plainValue, rowOf, zerosLike } from "../../variable/rows.ts";
import { handleOf, untracked, type Variable } from "../../variable/variable.ts";
import { castVariable } from "../core/differentiable_walks.ts";
import { stepOf } from "../core/compiled_step.ts";
import { overVariables } from "../core/custom_row.ts";
import { ProgramCache } from "../core/program_cache.ts";
import { runGraph, traceGraph } from "../core/graphs.ts";
import { jvp, vjp } from "../directional.ts";
import { vmap } from "../vmap.ts";

/** What an input of a step is like. */
interface InputType {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** Loops by what they do, with the loops of their derivatives. */
const loops = new ProgramCache<{ readonly loop: GraphLoop; release(): void }>(64);

/** A loop with all that it is differentiated by; that of an equal step if there is one. */
export function makeLoop(iteration: Iteration): GraphLoop {
  const { step, states, slices, length, isReversed, keepsStates } = iteration;
  const text = graphKey(step);
  if (text === undefined) return newLoop(iteration, undefined);
  const key = [states, slices, length, isReversed, keepsStates, text].join(" ");
  let known = loops.get(key);
  if (known === undefined) loops.add(key, known = { loop: newLoop(iteration, text), release: () => {} });
  return known.loop;
}

function newLoop(iteration: Iteration, key: string | undefined): GraphLoop {
  const { step } = iteration;
  const derived = new Map<string, GraphLoop>();
  const once = (name: string, make: () => GraphLoop): GraphLoop => {
    const known = derived.get(name) ?? make();
    derived.set(name, known);
    return known;
  };
  const dtypes = step.inputs.map(({ dtype }) => dtype);
  const rules: Omit<LoopBehaviour, "run"> = {
    key: () => key,
    execute: () => {
      const program = stepOf(step, step.inputs.length).forward;
      return (inputs) => program.run(inputs);
    },
    joint: {
      vjp: (c, g, wanted) =>
        overVariables(
          [...c.inputs, c.output],
          [g],
          [...dtypes, loop.dtype],
          [loop.dtype],
          (all, [slope]) => pullBack(loop, all.slice(0, -1), all.at(-1)!, slope!, wanted, once),
        ),
      jvp: (c, tangents) =>
        overVariables(
          c.inputs,
          tangents,
          dtypes,
          dtypes,
          (inputs, moved) => [pushForward(loop, inputs, moved, once)],
        )[0],
    },
    batch: ({ inputs, batched, size }) =>
      runBatch(loop, inputs as unknown as Variable[], batched, size) as typeof inputs[number],
  };
  const alone = new GraphLoop(iteration, rules);
  const loop: GraphLoop = new GraphLoop(iteration, {
    ...rules,
    run: (inputs) =>
      elementsOf(alone, inputs) > MOST_ELEMENTS ? alone.run(inputs) : programOf(alone, key).run(inputs)[0]!,
  });
  return loop;
}

/** Loops of more numbers than this run step by step: a program would hold a copy of all of them. */
const MOST_ELEMENTS = 2 ** 25;

/** How many numbers go into a loop, and come out of it. */
function elementsOf({ size }: GraphLoop, inputs: readonly Value[]): number {
  return inputs.reduce<number>((sum, x) => sum + (typeof x === "number" ? 1 : x.size), size);
}

/** The programs of loops that are run outside of programs. */
const programs = new ProgramCache<CompiledGraph>(64);
const names = new WeakMap<GraphLoop, string>();
let nextName = 0;

/** The program of a loop alone, which may be released later on, so it is asked for anew each time. */
function programOf(loop: GraphLoop, key: string | undefined): CompiledGraph {
  let name = names.get(loop);
  if (name === undefined) {
    const { states, slices, length, isReversed, keepsStates } = loop.iteration;
    name = [states, slices, length, isReversed, keepsStates, key ?? `loop ${nextName++}`].join(" ");
    names.set(loop, name);
  }
  const blas = arrayBlas();
  if (blas !== null) name += ` by ${blas.name}`;
  let program = programs.get(name);
  if (program === undefined) {
    const { step, states, slices, length } = loop.iteration;
    const inputs = step.inputs.map(({ shape, dtype }, k) =>
      inputNode(k, k >= states && k < states + slices ? [length, ...shape] : shape, dtype)
    );
    const output = operationNode(op.loop, inputs, loop, loop.dtype);
    programs.add(name, program = compileGraph({ inputs, outputs: [output] }, { target: "wasm", blas }));
  }
  return program;
}

/** Runs a loop: one row, of which the parts are the results. */
export function applyLoop(loop: GraphLoop, operands: readonly Variable[]): Variable {
  return apply(op.loop, operands.map(withDType), loop);
}

/** A part of what a loop gives. */
export function partOf(packed: Variable, { offset, shape }: LoopPart): Variable {
  return packed.slice(offset, sizeOf(shape)).reshape(shape);
}

/** Records a step over inputs of some types. */
export function recordStep(
  inputs: readonly InputType[],
  f: (inputs: readonly Variable[]) => readonly Variable[],
): Graph {
  const like = inputs.map(({ shape, dtype }) => ({ value: unknownValue(shape, dtype), dtype }));
  const { graph, captured } = traceGraph(like, { where: "a loop" }, (x) => ({ outputs: f(x), result: null }));
  if (captured.length === 0) return graph;
  throw new TypeError(
    message`Cannot differentiate a loop: a rule in it uses ${
      captured[0]!.toString()
    }, which belongs to something
    outside of it; pass it as an argument`,
  );
}

/** The widest of some dtypes. */
export function widest(dtypes: readonly DType[]): DType {
  return dtypes.includes("float64") ? "float64" : "float32";
}

/** A Variable that takes part with its own dtype, also where it stands for plain numbers. */
function withDType(x: Variable): Variable {
  if (x.state?.takesOtherDtype !== true) return x;
  const row = rowOf(x);
  return row < 0 ? untracked(plainValue(x), x.dtype) : handleOf(row);
}

/** Walks back through all steps, the last first: a loop whose state is the slope of the state, and sums of slopes. */
function pullBack(
  loop: GraphLoop,
  inputs: readonly Variable[],
  output: Variable,
  slope: Variable,
  wanted: readonly boolean[],
  once: (name: string, make: () => GraphLoop) => GraphLoop,
): (Variable | undefined)[] {
  const { states: count, slices: width, keepsStates } = loop.iteration;
  const keeping = keepsStates
    ? loop
    : once("keeping", () => makeLoop({ ...loop.iteration, keepsStates: true }));
  const all = keepsStates ? output : applyLoop(keeping, inputs);
  const backward = once(`back ${wanted.join()}`, () => makeBackward(loop, wanted));
  const fixed = inputs.slice(count + width);
  const summed = fixed.filter((_, j) => wanted[count + width + j]);
  const start = [
    ...loop.last.map((part) => partOf(slope, part)),
    ...summed.map((x) => untracked(zerosLike(x), x.dtype)),
  ];
  const found = applyLoop(backward, [
    ...start.map((x) => castVariable(x, backward.dtype)),
    ...keeping.kept.map((part) => partOf(all, part)),
    ...inputs.slice(count, count + width),
    ...[...loop.outputs, ...loop.kept].map((part) => partOf(slope, part)),
    ...fixed,
  ]);
  const sums = backward.last.slice(count).values();
  const slices = backward.outputs.values();
  return inputs.map((_, k) => {
    if (k < count) return partOf(found, backward.last[k]!);
    return wanted[k] ? partOf(found, (k < count + width ? slices : sums).next().value!) : undefined;
  });
}

function makeBackward({ iteration, dtype }: GraphLoop, wanted: readonly boolean[]): GraphLoop {
  const { step, states: count, slices: width, length, isReversed, keepsStates } = iteration;
  const { inputs, outputs } = step;
  const isSummed = (k: number): boolean => k >= count + width && wanted[k]!;
  const summed = inputs.filter((_, k) => isSummed(k));
  const sliced = [...inputs.keys()].filter((k) => k >= count && k < count + width && wanted[k]);
  const wide = widest([dtype, ...summed.map((x) => x.dtype), ...sliced.map((k) => inputs[k]!.dtype)]);
  const widened = (x: InputType): InputType => ({ shape: x.shape, dtype: wide });
  const states = inputs.slice(0, count);
  const types = [
    ...states.map(widened),
    ...summed.map(widened),
    ...states,
    ...inputs.slice(count, count + width),
    ...outputs.slice(count),
    ...(keepsStates ? states : []),
    ...inputs.slice(count + width),
  ];
  const graph = recordStep(types, (all) => {
    const rest = all.values();
    const take = (n: number): Variable[] => Array.from({ length: n }, () => rest.next().value!);
    const slopes = take(count).map((x) => castVariable(x, dtype));
    const sums = take(summed.length);
    const before = [...take(count), ...take(width)];
    const outputSlopes = take(outputs.length - count);
    const keptSlopes = take(keepsStates ? count : 0);
    const primals = [...before, ...take(inputs.length - count - width)];
    const [, pullback] = vjp((...x: Variable[]) => runGraph(step, x))(...primals);
    const found = (pullback as unknown as (g: readonly Variable[]) => Variable[])([
      ...slopes,
      ...outputSlopes,
    ]);
    const next = found.slice(0, count).map((x, k) => keepsStates ? x.add(keptSlopes[k]!) : x);
    const parts = found.filter((_, k) => isSummed(k)).map((x, j) => sums[j]!.add(castVariable(x, wide)));
    return [...next, ...parts, ...sliced.map((k) => found[k]!)].map((x) => castVariable(x, wide));
  });
  return makeLoop({
    step: graph,
    states: count + summed.length,
    slices: count + width + outputs.length - count + (keepsStates ? count : 0),
    length,
    isReversed: !isReversed,
    keepsStates: false,
  });
}

/** Pushes tangents through all steps: a loop over the state and its tangent. */
function pushForward(
  loop: GraphLoop,
  inputs: readonly Variable[],
  tangents: readonly (Variable | undefined)[],
  once: (name: string, make: () => GraphLoop) => GraphLoop,
): Variable {
  const { states: count, slices: width } = loop.iteration;
  const moves = inputs.map((_, k) => k < count || tangents[k] !== undefined);
  const forward = once(`forward ${moves.join()}`, () => makeForward(loop, moves));
  const moved = inputs.map((x, k) => tangents[k] ?? untracked(zerosLike(x), x.dtype));
  const both = (from: number, to?: number): Variable[] => [
    ...inputs.slice(from, to),
    ...moved.slice(from, to).filter((_, k) => moves[from + k]),
  ];
  const found = applyLoop(forward, [
    ...both(0, count),
    ...both(count, count + width),
    ...both(count + width),
  ]);
  // The tangents lie behind the state, in the order of the results.
  const offset = forward.last[count]?.offset ?? forward.outputs[0]!.offset;
  return found.slice(offset, loop.size);
}

function makeForward({ iteration }: GraphLoop, moves: readonly boolean[]): GraphLoop {
  const { step, states: count, slices: width, keepsStates } = iteration;
  const { inputs } = step;
  const ends = [0, count, count + width, inputs.length];
  const groups = ends.slice(1).map((end, i) => inputs.slice(ends[i]!, end));
  const types = groups.flatMap((group, i) => [...group, ...group.filter((_, k) => moves[ends[i]! + k])]);
  const graph = recordStep(types, (all) => {
    const rest = all.values();
    const [primals, tangents]: [Variable[], (Variable | undefined)[]] = [[], []];
    groups.forEach((group, i) => {
      for (const _ of group) primals.push(rest.next().value!);
      group.forEach((_, k) => tangents.push(moves[ends[i]! + k] ? rest.next().value! : undefined));
    });
    const full = tangents.map((t, k) => t ?? untracked(zerosLike(primals[k]!), primals[k]!.dtype));
    const [values, found] = jvp((...x: Variable[]) => runGraph(step, x))(primals, full) as [
      Variable[],
      Variable[],
    ];
    return [
      ...values.slice(0, count),
      ...found,
      ...(keepsStates ? full.slice(0, count) : []),
    ];
  });
  return makeLoop({
    ...iteration,
    step: graph,
    states: 2 * count,
    slices: types.length - 2 * count - groups[2]!.length -
      groups[2]!.filter((_, k) => moves[ends[2]! + k]).length,
    keepsStates: false,
  });
}

/** The loop for many examples at once: a loop of which every step is mapped. */
function runBatch(
  { iteration }: GraphLoop,
  inputs: readonly Variable[],
  batched: readonly boolean[],
  size: number,
): Variable {
  const { step, states: count, slices: width } = iteration;
  const isMapped = (k: number): boolean => k < count || batched[k]!;
  const types = step.inputs.map(({ shape, dtype }, k) => ({
    shape: isMapped(k) ? [size, ...shape] : shape,
    dtype,
  }));
  const inAxes = step.inputs.map((_, k) => isMapped(k) ? 0 : null);
  const graph = recordStep(
    types,
    (all) => vmap((...x: Variable[]) => runGraph(step, x), { inAxes })(...all) as Variable[],
  );
  const many = makeLoop({ ...iteration, step: graph });
  const swapFirst = (x: Variable): Variable => x.transpose([1, 0, ...x.shape.slice(2).map((_, i) => i + 2)]);
  const packed = applyLoop(
    many,
    inputs.map((x, k) => {
      if (k < count) return batched[k] ? x : x.broadcastTo([size, ...x.shape]);
      return k < count + width && batched[k] ? swapFirst(x) : x;
    }),
  );
  const flat = (x: Variable): Variable => x.reshape([size, sizeOf(x.shape.slice(1))]);
  return concat([
    ...many.last.map((part) => flat(partOf(packed, part))),
    ...[...many.outputs, ...many.kept].map((part) => flat(swapFirst(partOf(packed, part)))),
  ], { axis: 1 });
}
