import { plainValue, rowOf } from "../../variable/rows.ts";
import { untracked, Variable } from "../../variable/variable.ts";
import { message } from "../../_internal/message.ts";
import { describeValue, formatShape } from "../../_internal/format.ts";
import { askForValues } from "../../array/deferred_array.ts";
import type { Value } from "../../array/value.ts";
import { numberOf } from "../../primitives/mod.ts";
import { debugging, tape } from "../../tape/mod.ts";
import { noGrad } from "../../variable/mod.ts";
import { checkFunction } from "../core/arguments.ts";
import { packBatch, variablesIn, withVariables } from "../core/custom_row.ts";
import { vmap } from "../vmap.ts";
import { stepOf } from "../core/compiled_step.ts";
import { recordLoop } from "./loop_row.ts";
import { type Loop, type TracedStep, traceStep } from "./steps.ts";
import { checkCondition, type LoopFunctions, recordWhile } from "./recorded_while.ts";

/**
 * A loop that ends when its state says so: a simulation until something happens, an iteration until it converges.
 * The step is recorded once at each call, with what it reads from outside as it is then, and compiled if no equal
 * step was before; for a derivative the states are kept, and the derivative of the compiled step runs over them,
 * forwards or backwards. Inside `vmap` the loop runs until it has ended for all examples.
 *
 * Inside `compile` it is one operation of the program, whatever the number of steps, and so is its derivative; there its
 * step may use arguments and trainable Variables that are not in the state. The derivative of the derivative, and a
 * function that branches on values with `truthy()`, record the steps one by one, a program for each number of them.
 *
 * How often the step is taken follows from values, and is constant for the derivative.
 *
 * @param proceed Whether to take another step: 0 for the end
 * @param step Takes a state, a tree of Variables, and returns the next, of the same structure, shapes and dtypes.
 *   It must be synchronous, compute the same each time, and use no recorded Variable but those of the state.
 *   If it branches on a value with `truthy()`, the steps are taken one by one; it may not read others
 * @returns A function of the first state that gives the last
 * @throws {TypeError} When called: if step or proceed use a recorded Variable that is not in the state, or the
 *   state changes its shape
 * @throws {RangeError} When called: if `proceed` gives NaN
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
  return function loop(init) {
    const build = (leaves: readonly Variable[]): S => withVariables(init, leaves) as S;
    const functions: LoopFunctions = {
      step: (state) => {
        const next = variablesIn(step(build(state)));
        checkState(state, next);
        return next;
      },
      proceed: (state) => {
        const goesOn: unknown = proceed(build(state));
        if (goesOn instanceof Variable) return goesOn;
        throw new TypeError(
          message`Cannot loop: the condition returned ${describeValue(goesOn)}, return a Variable of rank 0`,
        );
      },
    };
    return build(runLoop(functions, variablesIn(init)));
  };
}

function runLoop(functions: LoopFunctions, init: readonly Variable[]): readonly Variable[] {
  if (tape.isTracing && tape.withoutValues) return recordLoopRow(functions, init);
  const isUnrolled = (tape.isTracing && !tape.guard?.isBatched) || debugging();
  const step = isUnrolled ? null : traceLoop(functions, init);
  return step === null ? takeSteps(functions, init) : runCompiled(functions, step, init);
}

/** Records the loop as one row; a step that branches has to be recorded with values. */
function recordLoopRow({ step, proceed }: LoopFunctions, init: readonly Variable[]): readonly Variable[] {
  const like = init.map((x) => ({ value: plainValue(x), dtype: x.dtype, name: x.name }));
  const traced = traceStep("whileLoop()", like, true, (state) => {
    const next = step(state);
    return { outputs: [...next, proceed(next), proceed(state)], result: null };
  });
  if (traced === null) askForValues();
  return recordWhile(
    traced,
    init,
    (functions, start, size) => runLoop(batchFunctions(functions, size), start),
  );
}

/** The loop without a program; reading whether to go on is for an enclosing transform to allow. */
function takeSteps({ step, proceed }: LoopFunctions, state: readonly Variable[]): readonly Variable[] {
  for (let taken = 0;; taken++) {
    const goesOn = proceed(state);
    const isOn = goesOn.truthy();
    checkCondition(numberOf(plainValue(goesOn)), taken);
    if (!isOn) return state;
    state = step(state);
  }
}

/** Records a step with whether to go on after it, as its last output; null where steps have to be taken one by one. */
function traceLoop({ step, proceed }: LoopFunctions, init: readonly Variable[]): TracedStep<null> | null {
  const like = init.map((x) => ({ value: plainValue(x), dtype: x.dtype, name: x.name }));
  const traced = traceStep("whileLoop()", like, true, (state) => {
    const next = step(state);
    return { outputs: [...next, proceed(next)], result: null };
  });
  const [captured] = traced?.captured ?? [];
  if (captured === undefined) return traced;
  throw new TypeError(
    message`Cannot loop: the step uses a Variable that is not in its state,
    ${captured.toString()}; put it there`,
  );
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

/** Runs the compiled step to the end, and records the loop where a derivative is wanted. */
function runCompiled(
  functions: LoopFunctions,
  { graph, arrays }: TracedStep<null>,
  init: readonly Variable[],
): readonly Variable[] {
  const isTracked = tape.recording && init.some((x) => rowOf(x) >= 0);
  const states: (readonly Value[])[] = [];
  let state: readonly Value[] = init.map(plainValue);
  const begins = noGrad(() => functions.proceed(init.map((x) => untracked(plainValue(x), x.dtype))));
  let goesOn = checkCondition(numberOf(plainValue(begins)), 0);
  const forward = goesOn ? stepOf(graph, init.length).forward : null;
  for (let taken = 1; goesOn; taken++) {
    if (isTracked) states.push(state);
    const found = forward!.run([...state, ...arrays]);
    goesOn = checkCondition(numberOf(found.pop()!), taken);
    state = found;
  }
  const last = state.map((value, k) => untracked(value, init[k]!.dtype));
  if (!isTracked) return last;
  const loop: Loop = {
    step: { graph: { inputs: graph.inputs, outputs: graph.outputs.slice(0, -1) }, arrays },
    operands: init,
    counts: { states: init.length, slices: 0 },
    length: states.length,
    states,
  };
  return recordLoop("whileLoop", loop, last, (state, batched, size) => {
    const start = state.map((x, k) => batched[k] ? x : x.broadcastTo([size, ...x.shape]));
    return packBatch(size === 0 ? start : runLoop(batchFunctions(functions, size), start), size);
  });
}

/** A loop over many states at once, along leading axes: it goes on for those that have not ended, until all have. */
function batchFunctions({ step, proceed }: LoopFunctions, size: number): LoopFunctions {
  const goesOn = (state: readonly Variable[]): Variable =>
    vmap((...one: Variable[]) => proceed(one))(...state) as Variable;
  return {
    // NaN stays NaN.
    proceed: (state) => goesOn(state).abs().max(),
    step: (state) => {
      const isOn = goesOn(state);
      const next = vmap((...one: Variable[]) => step(one))(...state) as Variable[];
      return next.map((y, k) => isOn.reshape([size, ...y.shape.slice(1).map(() => 1)]).where(y, state[k]!));
    },
  };
}
