import { plainValue, rowOf, zerosLike } from "../../variable/rows.ts";
import { message } from "../../_internal/message.ts";
import { formatShape } from "../../_internal/format.ts";
import type { Value } from "../../array/value.ts";
import { type CompiledGraph, compileGraph, constantNode, graphFromTape } from "../../compiler/mod.ts";
import { INPUT, tape } from "../../tape/mod.ts";
import { handleOf, untracked, type Variable } from "../../variable/variable.ts";
import { checkFunction } from "../core/arguments.ts";
import { guarded } from "../core/guard.ts";
import { customRow, pack, variablesIn, withVariables } from "../core/custom_row.ts";
import { jvp } from "../jvp.ts";
import { vjp } from "../vjp.ts";

/** The functions of a loop over the Variables of its state. */
interface Loop {
  /** The next state. */
  step(state: readonly Variable[]): Variable[];
  /** 0 where the loop ends. */
  proceed(state: readonly Variable[]): Variable;
}

/** A loop compiled for states of one signature; the ways to differentiate it when they are first needed. */
interface LoopProgram extends Loop {
  /** Whether to begin. */
  readonly begins: CompiledGraph;
  /** The next state, and whether to go on. */
  readonly forward: CompiledGraph;
  /** The cotangents of a state, from the state and the cotangents of the next. */
  pull: CompiledGraph | null;
  /** The tangents of the next state, from a state and its tangents. */
  push: CompiledGraph | null;
}

/**
 * A loop that ends when its state says so: a simulation until something happens, an iteration until it converges.
 * The step is recorded and compiled once, however often the loop runs; for a derivative the states are kept, and
 * the derivative of the compiled step runs over them, forwards or backwards.
 *
 * How often the step is taken follows from values, and is constant for the derivative.
 *
 * @param proceed Whether to take another step: 0 for the end
 * @param step Takes a state, a tree of Variables, and returns the next, of the same structure, shapes and dtypes.
 *   It must be synchronous, compute the same each time, not read values, and use no recorded Variable but those
 *   of the state
 * @returns A function of the first state that gives the last
 * @throws {TypeError} When called: if step or proceed use a recorded Variable that is not in the state, or the
 *   state changes its shape
 *
 * @example
 * ```ts
 * import { constant, grad, type Variable, whileLoop } from "@tapegrad/tapegrad";
 *
 * const halve = whileLoop((x: Variable) => x.gt(1), (x: Variable) => x.mul(0.5));
 * console.log(halve(constant(10)).item(), grad(halve)(10)); // 0.625 0.0625
 * ```
 */
export function whileLoop<S>(proceed: (state: S) => Variable, step: (state: S) => S): (init: S) => S {
  checkFunction("whileLoop", proceed);
  checkFunction("whileLoop", step);
  const programs = new Map<string, LoopProgram>();
  return function loop(init) {
    const build = (leaves: readonly Variable[]): S => withVariables(init, leaves) as S;
    const leaves = variablesIn(init);
    const functions: Loop = {
      step: (state) => variablesIn(step(build(state))),
      proceed: (state) => proceed(build(state)),
    };
    if (tape.isTracing) return build(takeSteps(functions, leaves));
    const key = leaves.map((x) => `${x.dtype} ${x.shape}`).join();
    let program = programs.get(key);
    if (program === undefined) programs.set(key, program = compileLoop(functions, leaves));
    return build(runLoop(program, leaves));
  };
}

/** The loop without a program; reading whether to go on is for an enclosing transform to allow. */
function takeSteps({ step, proceed }: Loop, state: readonly Variable[]): readonly Variable[] {
  while (proceed(state).truthy()) state = step(state);
  return state;
}

function compileLoop(loop: Loop, init: readonly Variable[]): LoopProgram {
  return {
    ...loop,
    begins: compileRecorded(init, (state) => [loop.proceed(state)]),
    forward: compileRecorded(init, (state) => {
      const next = loop.step(state);
      checkState(init, next);
      return [...next, loop.proceed(next)];
    }),
    pull: null,
    push: null,
  };
}

function checkState(before: readonly Variable[], after: readonly Variable[]): void {
  const show = (list: readonly Variable[]): string =>
    list.map((x) => `${x.dtype}${formatShape(x.shape)}`).join(", ");
  if (show(before) === show(after)) return;
  throw new TypeError(
    message`Cannot loop: the step must return a state like the one it takes,
    ${show(before)}, it returned ${show(after)}`,
  );
}

/** Compiles a function of Variables like the given ones; what it records is dropped again. */
function compileRecorded(
  like: readonly Variable[],
  f: (inputs: readonly Variable[]) => readonly Variable[],
): CompiledGraph {
  return tape.frame(({ mark }) => {
    const inputs = like.map((x) => handleOf(tape.leaf(INPUT, plainValue(x), x.dtype)));
    const rows = inputs.map(rowOf);
    const results = guarded({ where: "whileLoop()", inputs: rows }, () => f(inputs));
    const outputs = results.map((y) => rowOf(y) >= 0 ? rowOf(y) : constantNode(plainValue(y), y.dtype));
    const graph = graphFromTape(tape, mark, rows, outputs, (row) => {
      throw new TypeError(
        message`Cannot loop: the step uses a Variable that is not in its state,
        ${handleOf(row)}; put it there`,
      );
    });
    return compileGraph(graph, { target: "wasm" });
  });
}

function runLoop(program: LoopProgram, init: readonly Variable[]): readonly Variable[] {
  const isTracked = tape.recording && init.some((x) => rowOf(x) >= 0);
  const { last, states } = runForward(program, init.map(plainValue), isTracked);
  const result = last.map((value, k) => untracked(value, init[k]!.dtype));
  if (!isTracked) return result;
  const { packed, unpack } = pack(result);
  const again = (...state: Variable[]): Variable => {
    for (let t = 0; t < states.length; t++) state = program.step(state);
    return pack(state).packed;
  };
  const row = customRow("whileLoop", init, packed, {
    vjp: (values, g) => {
      const inputs = values.slice(0, init.length);
      if ([...values, g].every((x) => rowOf(x) < 0)) {
        return [...runBackward(program, init, states, unpack(g)), undefined];
      }
      const pullback = vjp(again)(...inputs)[1] as unknown as (g: Variable) => Variable[];
      return [...pullback(g), undefined];
    },
    jvp: (values, tangents) => {
      const inputs = values.slice(0, init.length);
      const moved = inputs.map((x, k) => tangents[k] ?? untracked(zerosLike(x), x.dtype));
      if ([...values, ...moved].every((x) => rowOf(x) < 0)) {
        return pack(runForwardMode(program, init, states, moved)).packed;
      }
      return jvp(again)(inputs, moved)[1] as Variable;
    },
  });
  return unpack(row);
}

/** Runs to the end; gives the state before each step where they are wanted. */
function runForward(
  { begins, forward }: LoopProgram,
  init: readonly Value[],
  keepsStates: boolean,
): { last: readonly Value[]; states: (readonly Value[])[] } {
  const states: (readonly Value[])[] = [];
  let state = init;
  let goesOn = isTrue(begins.run(init)[0]!);
  while (goesOn) {
    if (keepsStates) states.push(state);
    const found = forward.run(state);
    goesOn = isTrue(found.pop()!);
    state = found;
  }
  return { last: state, states };
}

function isTrue(value: Value): boolean {
  return (typeof value === "number" ? value : value.data[0]) !== 0;
}

/** Cotangents of the first state from those of the last. */
function runBackward(
  program: LoopProgram,
  init: readonly Variable[],
  states: readonly (readonly Value[])[],
  cotangents: readonly Variable[],
): Variable[] {
  const count = init.length;
  const { run } = program.pull ??= compileRecorded([...init, ...cotangents], (inputs) => {
    const pullback = vjp((...state: Variable[]) => program.step(state))(...inputs.slice(0, count))[1];
    return pullback(inputs.slice(count)) as unknown as Variable[];
  });
  let found: readonly Value[] = cotangents.map(plainValue);
  for (let t = states.length - 1; t >= 0; t--) found = run([...states[t]!, ...found]);
  return found.map((value, k) => untracked(value, init[k]!.dtype));
}

/** Tangents of the last state from those of the first. */
function runForwardMode(
  program: LoopProgram,
  init: readonly Variable[],
  states: readonly (readonly Value[])[],
  tangents: readonly Variable[],
): Variable[] {
  const count = init.length;
  const { run } = program.push ??= compileRecorded([...init, ...tangents], (inputs) => {
    const step = (...state: Variable[]): Variable[] => program.step(state);
    return jvp(step)(inputs.slice(0, count), inputs.slice(count))[1] as unknown as Variable[];
  });
  let found: readonly Value[] = tangents.map(plainValue);
  for (const state of states) found = run([...state, ...found]);
  return found.map((value, k) => untracked(value, init[k]!.dtype));
}
