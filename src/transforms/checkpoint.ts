import { plainValue, rowOf } from "../variable/rows.ts";
import { describeValue } from "../_internal/format.ts";
import { message } from "../_internal/message.ts";
import { tape } from "../tape/mod.ts";
import type { Variable } from "../variable/mod.ts";
import { handleOf, untracked } from "../variable/variable.ts";
import { checkFunction, numbersToConstants, readArguments } from "./core/arguments.ts";
import type { Lowered } from "./core/types.ts";
import {
  customRow,
  type GivenDerivatives,
  pack,
  type Packing,
  variablesIn,
  withVariables,
} from "./core/custom_row.ts";
import { RecordedFunction } from "./core/graphs.ts";
import { pullBack } from "./core/differentiate.ts";
import { lift, readResult, traceFunction } from "./core/trace_function.ts";
import { recordedForwardWalk, recordedWalk } from "./core/differentiable_walks.ts";

/** What a first run of a checkpointed function found. */
interface Run extends Packing {
  rebuild(outputs: readonly Variable[]): unknown;
  /** Recorded Variables that the function uses beside its arguments. */
  readonly captured: readonly Variable[];
}

/**
 * The same function, which keeps nothing of what it computes for the walk backwards: it runs again there. That
 * takes its time twice and the memory of what it records once, for the time of its own walk.
 *
 * The derivatives have the same bits as without, but for the order of sums into what is used both inside and
 * outside.
 *
 * @param f Takes and returns Variables in any trees; it may use other Variables too, such as parameters. It must
 *   be synchronous and compute the same each time
 * @returns The function, to be called in its place
 * @throws {TypeError} In the walk: if f computes something else the second time
 *
 * @example
 * ```ts
 * import { checkpoint, grad, type Variable } from "@tapegrad/tapegrad";
 *
 * const block = checkpoint((x: Variable) => x.sin().exp().mul(x));
 * console.log(grad((x: Variable) => block(block(x)))(0)); // 1
 * ```
 */
export function checkpoint<P extends readonly unknown[], Y>(f: (...args: P) => Y): (...args: P) => Y {
  checkFunction("checkpoint", f);
  return function checkpointed(...args) {
    // A recording that is to serve for other values needs the rows.
    if (!tape.recording || tape.isTracing) return f(...args);
    const inputs = variablesIn(args);
    const { packed, unpack, rebuild, captured } = runOnce(
      (values) => f(...withVariables(args, values) as unknown as P),
      inputs,
    );
    const operands = [...inputs, ...captured];
    if (operands.every((x) => rowOf(x) < 0)) return rebuild(unpack(packed)) as Y;
    const { barrier } = tape;
    const again = (values: readonly Variable[]): Variable =>
      tape.scope({ barrier }, () => {
        const result = f(...withVariables(args, values) as unknown as P);
        return pack(readResult("checkpoint", result, false).outputs).packed;
      });
    return rebuild(
      unpack(customRow("checkpoint", operands, packed, rerun(again, inputs.length, operands))),
    ) as Y;
  };
}

/** Runs a function, drops its rows, and looks for recorded Variables that it has used beside its arguments. */
function runOnce(run: (inputs: readonly Variable[]) => unknown, inputs: readonly Variable[]): Run {
  inputs.forEach(rowOf);
  return tape.frame("checkpoint()", ({ mark }) => {
    const rows = new Set<number>();
    // An argument that is captured as well is told apart by its row.
    const lifted = inputs.map((x) => rowOf(x) < 0 ? x : lift(x));
    const start = tape.length;
    const { outputs, rebuild } = readResult("checkpoint", run(lifted), false);
    const { packed, unpack } = pack(outputs);
    for (let row = start; row < tape.length; row++) {
      for (const operand of tape.operandsOf(row)) if (operand < mark) rows.add(operand);
    }
    const owners = new Set(tape.owners.slice(tape.ownersBelow(mark)) as Variable[]);
    const captured = [...[...rows].map(handleOf), ...owners];
    return { packed: untracked(plainValue(packed), packed.dtype), unpack, rebuild, captured };
  });
}

/** Derivatives by running the function again. */
function rerun(
  again: (values: readonly Variable[]) => Variable,
  count: number,
  operands: readonly Variable[],
): GivenDerivatives {
  const capturedRows = operands.slice(count).map(rowOf);
  return {
    vjp: (values, g) => {
      const args = values.slice(0, count);
      const recorded = [...values, g].some((x) => rowOf(x) >= 0);
      const read = readArguments("checkpoint", [args], [0]);
      const f = (list: readonly Variable[]): Variable => again(list);
      return traceFunction(
        "checkpoint",
        f,
        read,
        { hasAux: false, recorded, wantVariables: true, extraOperands: [g] },
        (r) => {
          if (!recorded) checkSame(r.outputs[0]!, values[values.length - 1]!);
          const rows = [...r.inputRows, ...capturedRows];
          const [mark, row] = [r.frame.mark, r.outputRows[0]!];
          const found = r.isNested
            ? recordedWalk(tape, mark, [[row, g]], rows)
            : pullBackWithin(mark, row, g, rows);
          return [...found.map((x) => x === undefined ? undefined : r.detachUnlessNested(x)), undefined];
        },
      );
    },
    jvp: (values, tangents) => {
      const args = values.slice(0, count);
      const extraOperands = tangents.filter((t) => t !== undefined);
      const recorded = [...values, ...extraOperands].some((x) => rowOf(x) >= 0);
      const read = readArguments("checkpoint", [args], [0]);
      const f = (list: readonly Variable[]): Variable => again(list);
      return traceFunction("checkpoint", f, read, {
        hasAux: false,
        recorded,
        wantVariables: true,
        extraOperands,
      }, (r) => {
        const rows = [...r.inputRows, ...capturedRows];
        const seeds = rows.flatMap((row, k) =>
          tangents[k] === undefined ? [] : [[row, tangents[k]!] as const]
        );
        const tangent = recordedForwardWalk(tape, r.frame.mark, seeds).get(r.outputRows[0]!);
        return tangent === undefined ? undefined : r.detachUnlessNested(tangent);
      });
    },
  };
}

/** Walks back from one row by rows of which some may lie below the mark. */
function pullBackWithin(
  mark: number,
  row: number,
  g: Variable,
  rows: readonly number[],
): (Variable | undefined)[] {
  if (rows.every((r) => r >= mark)) return pullBack(mark, row, g, rows, false);
  const recorded = new RecordedFunction(mark, [row], rows);
  tape.rewind(mark, "checkpoint()");
  const { inputs, outputs } = recorded.append();
  return pullBack(mark, outputs[0]!, g, inputs, false);
}

/** Refuses a function that gave something else the second time. */
function checkSame(again: Variable, before: Variable): void {
  const [a, b] = [plainValue(again), plainValue(before)];
  const same = typeof a === "number" || typeof b === "number"
    ? Object.is(a, b)
    : a.data.length === b.data.length && a.data.every((x, i) => Object.is(x, b.data[i]));
  if (same) return;
  throw new TypeError(
    "Cannot walk backwards through checkpoint(): the function computed something else the second time; draw " +
      "random numbers and read outside state before, and pass them as arguments",
  );
}

/**
 * Takes many steps with the memory of few: the state after every sqrt(n)-th step is kept, and the steps between
 * run again in the walk backwards. In place of n steps the tape holds about 2 sqrt(n) at a time.
 *
 * @param step Takes the state, a tree of Variables, and the number of the step from 0 on; returns the next state
 * @param state The state to start from; numbers and arrays in it become Variables
 * @param steps How many steps to take
 * @returns The last state
 * @throws {RangeError} If the number of steps is not an integer from 0 up
 *
 * @example
 * ```ts
 * import { checkpointLoop, grad, type Variable } from "@tapegrad/tapegrad";
 *
 * const grow = (x: Variable) => checkpointLoop((y: Variable) => y.mul(1.001), x, 1000);
 * console.log(grad(grow)(1).toFixed(6)); // 2.716924
 * ```
 */
export function checkpointLoop<S>(
  step: (state: S, i: number) => S,
  state: S | Lowered<S>,
  steps: number,
): S {
  checkFunction("checkpointLoop", step);
  if (!Number.isSafeInteger(steps) || steps < 0) {
    const Kind = typeof steps === "number" ? RangeError : TypeError;
    throw new Kind(
      message`Cannot take ${describeValue(steps)} steps: the number of steps is an integer from 0 up`,
    );
  }
  const length = Math.ceil(Math.sqrt(steps));
  let current = numbersToConstants(state) as S;
  for (let start = 0; start < steps; start += length) {
    const end = Math.min(steps, start + length);
    current = checkpoint((s: S): S => {
      for (let i = start; i < end; i++) s = step(s, i);
      return s;
    })(current);
  }
  return current;
}
