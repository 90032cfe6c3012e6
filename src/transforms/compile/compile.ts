import { plainValue, rowOf } from "../../variable/rows.ts";
import { message } from "../../_internal/message.ts";
import { describeValue } from "../../_internal/format.ts";
import type { Value } from "../../array/value.ts";
import { NdArray } from "../../array/nd_array.ts";
import {
  compileGraph,
  constantNode,
  DonatedSlots,
  graphFromTape,
  type GraphOptions,
  inputNode,
  LEAST_WORK,
  type Node,
  type ProgramStats,
  ResidentArray,
  threadCount,
} from "../../compiler/mod.ts";
import { INPUT, tape, TRAINABLE } from "../../tape/mod.ts";
import { mapTree, type Tree, Variable } from "../../variable/mod.ts";
import { handleOf } from "../../variable/variable.ts";
import { type Call, readCall } from "./call.ts";
import { type Branch, Cache, OutputSlot, type Path } from "./cache.ts";
import { guarded, type ReadVariable } from "../core/guard.ts";
import { findDonations, slotsFor } from "./donations.ts";
import { packResults } from "./results.ts";
import { makeLoop, type StateLoop } from "./state_loop.ts";
import { isLeaf } from "../core/leaves.ts";
import { numberOf } from "../../primitives/mod.ts";

/** How {@linkcode compile} works. */
export interface CompileOptions {
  /** Arguments that are passed on as they are: another value is another program. Counted from 0. */
  readonly staticArgnums?: readonly number[];
  /**
   * Arguments whose memory the results may take over, counted from 0: their leaves and those of the results are
   * paired in order. Such results stay in the program's memory until they are read; passed to the next call they cost no
   * copy, and can't be read any more after it. For parameters and the state of an optimizer in a training loop.
   */
  readonly donate?: readonly number[];
  /** How many programs are kept, one for each signature; the one not used for longest goes. 32 by default. */
  readonly cacheSize?: number;
  /** `"replay"` runs the simplified rows in TypeScript, without WebAssembly; by default `"wasm"`. */
  readonly target?: "wasm" | "replay";
  /**
   * How many threads share large loops and matrix products, 1 by default; `"auto"` for as many as there are
   * processors, at most 4. Results don't depend on it, not in a bit. Small programs run in one thread all the
   * same. The other threads are workers that all compiled functions share; they sleep between calls and end when
   * the last function that uses them is disposed of (`using f = compile(...)`), or after some seconds without work.
   */
  readonly threads?: number | "auto";
}

/** What {@linkcode compile} adds to the function. */
export interface CompiledMethods {
  /** How the program for these arguments looks at each stage, as text; compiles it if need be. */
  lower(...args: readonly unknown[]): ProgramStats["stages"];
  /** One entry for each program compiled so far. */
  stats(): readonly ProgramStats[];
  /**
   * Gives back the memory of all programs, and the threads if no other function uses them. Called again, the
   * function compiles anew.
   */
  [Symbol.dispose](): void;
}

/** A function that runs compiled. */
export type Compiled<F> = F & CompiledMethods & CompiledLoops<F>;

/** The loop of a compiled function, typed by the function. */
export interface CompiledLoops<F> {
  /**
   * Calls the function again and again with a state that stays in the memory of its programs: argument 0, which
   * has to be donated, and the first result. A step costs less than a call, as the state is neither read nor
   * packed, and gives the same bits. Other batch sizes share the state.
   *
   * @param state Its arrays are donated at the first step
   * @returns Takes the steps, and hands out the state
   * @throws {TypeError} If argument 0 is not donated
   *
   * @example
   * ```ts
   * import { compile, constant, type Variable } from "@tapegrad/tapegrad";
   *
   * const step = compile((w: Variable, x: Variable) => [w.add(x), w.sum()] as const, { donate: [0] });
   * const loop = step.loop(constant([1, 2]));
   * for (let i = 0; i < 3; i++) loop.next(constant([10, 20]));
   * console.log(loop.state().value); // [31, 62]
   * ```
   */
  readonly loop: F extends (state: infer S, ...args: infer A) => infer R
    ? (state: S) => StateLoop<S, A, R extends readonly [unknown, ...infer Rest] ? Rest : readonly unknown[]>
    : never;
}

/**
 * Compiles a function: what it does is recorded once for each signature of its arguments (shapes, dtypes,
 * structure, static values), simplified, fused, and emitted as WebAssembly SIMD; later calls run that. It goes
 * around any function of Variables or transform of one: `compile(valueAndGrad(loss))`.
 *
 * Called with Variables it returns Variables (without derivative: differentiate inside); called with numbers
 * and arrays only, it returns numbers and arrays. Numbers and arrays that the function reads from outside are
 * fixed when it is recorded, but trainable Variables are read anew at each call. Inside another transform the
 * function itself runs, so that it can be differentiated.
 *
 * @param f Must be synchronous, give the same for the same arguments, and not read values of what it computes
 *   (`item()`, `value`, `data`)
 * @param options `staticArgnums`, `donate`, `cacheSize`, `target`, `threads`
 * @throws {TypeError} When called: if f is async, or reads a value that depends on its arguments
 * @throws {RangeError} If `cacheSize` or `threads` is out of range
 *
 * @example
 * ```ts
 * import { compile, type Variable, valueAndGrad } from "@tapegrad/tapegrad";
 *
 * const f = compile(valueAndGrad((x: Variable) => x.square().sum()));
 * console.log(f([1, 2, 3])); // [14, [2, 4, 6]]
 * ```
 */
export function compile<F>(
  f: F,
  options: CompileOptions = {},
): Compiled<F> {
  if (typeof f !== "function") {
    throw new TypeError(message`Cannot compile ${describeValue(f)}: compile() takes a function`);
  }
  const run = f as unknown as (...args: unknown[]) => unknown;
  const cache = new Cache(options.cacheSize ?? 32);
  const statics = new Set(options.staticArgnums ?? []);
  const donate = new Set(options.donate ?? []);
  const slots = new DonatedSlots();
  const target = options.target ?? "wasm";
  const threading = { count: threadCount(options.threads ?? 1), leastWork: LEAST_WORK };
  const recordPath = (call: Call, args: readonly unknown[]): Path => {
    const path = record(run, args, statics, call, donate, slots, { target, threading });
    cache.add(call.key, path);
    return path;
  };
  const runCall = (
    call: Call,
    args: readonly unknown[],
    isOwner = false,
  ): { path: Path; values: Value[] } => {
    for (const path of cache.get(call.key) ?? []) {
      const values = runPath(path, call, isOwner);
      if (leadsHere(path, values)) return { path, values };
    }
    const path = recordPath(call, args);
    return { path, values: runPath(path, call, isOwner) };
  };
  const compiled = function compiled(...args: unknown[]): unknown {
    if (tape.depth > 0) return run(...args);
    const call = readCall(args, statics);
    const { path, values } = runCall(call, args);
    return packResults(path.result, path.program, values, call.form);
  };
  forgotten.register(compiled, cache);
  return Object.assign(compiled, {
    lower: (...args: unknown[]) => {
      const call = readCall(args, statics);
      const known = cache.get(call.key)?.find((path) =>
        path.branches.length === 0 || leadsHere(path, runPath(path, call))
      );
      return (known ?? recordPath(call, args)).program.stats.stages;
    },
    loop: (state: unknown) => {
      if (!donate.has(0) || statics.has(0)) {
        throw new TypeError(
          "Cannot loop: argument 0, the state, stays in the memory only if it is donated; use compile(f, { donate: [0] })",
        );
      }
      return makeLoop({ statics, run: runCall }, state);
    },
    stats: () => cache.paths().map((path) => path.program.stats),
    [Symbol.dispose]: () => cache.clear(),
  }) as unknown as Compiled<F>;
}

/** Releases the programs of functions that nobody holds any more. */
const forgotten = new FinalizationRegistry<Cache>((cache) => cache.clear());

/** Runs a program on the arguments of a call. */
function runPath({ program, captured }: Path, call: Call, isOwner = false): Value[] {
  const inputs: Value[] = [];
  for (const leaf of call.leaves) inputs.push(leaf.value);
  for (const x of captured) inputs.push(plainValue(x));
  return program.run(inputs, isOwner);
}

/** Whether these values take the same branches as when the path was recorded. */
function leadsHere({ branches }: Path, values: readonly Value[]): boolean {
  for (const { output, taken } of branches) {
    const value = values[output]!;
    if ((numberOf(value) !== 0) !== taken) return false;
  }
  return true;
}

/** Runs the function once, recording, and makes a program of the rows. */
function record(
  f: (...args: never[]) => unknown,
  args: readonly unknown[],
  statics: ReadonlySet<number>,
  call: Call,
  donate: ReadonlySet<number>,
  slots: DonatedSlots,
  options: Pick<GraphOptions, "target" | "threading">,
): Path {
  const branches: { row: number; stamp: number; taken: boolean }[] = [];
  const onRead = (variable: ReadVariable, how: string): boolean => {
    if (how !== ".truthy()") throw unreadable(how);
    const x = variable as Variable;
    const row = rowOf(x);
    branches.push({ row, stamp: x.stamp, taken: numberOf(plainValue(x)) !== 0 });
    return true;
  };
  return tape.frame(({ mark }) =>
    guarded({ where: "compile()", inputs: null, onRead }, () => {
      const rows: number[] = [];
      let next = 0;
      const lift = (leaf: unknown): unknown => {
        if (typeof leaf !== "number" && !isLeaf(leaf)) return leaf;
        const { value, dtype } = call.leaves[next++]!;
        const name = leaf instanceof Variable ? leaf.name : undefined;
        const row = tape.leaf(
          INPUT,
          value instanceof NdArray && value.shape.length === 0 ? value.data[0]! : value,
          dtype,
          name,
        );
        rows.push(row);
        return handleOf(row);
      };
      const lifted = args.map((arg, i) => statics.has(i) ? arg : mapTree(arg as Tree<unknown>, lift, isLeaf));
      const result = f(...lifted as never[]);
      if (typeof (result as PromiseLike<unknown> | undefined)?.then === "function") {
        (result as Promise<unknown>).then(undefined, () => {});
        throw new TypeError(
          "Cannot compile an async function: it returned a Promise; await the data first, then call the compiled " +
            "synchronous part",
        );
      }
      const outputs: (number | Node)[] = [];
      const template = mapTree(result as Tree<unknown>, (leaf) => {
        if (!(leaf instanceof Variable)) return leaf;
        const row = rowOf(leaf);
        outputs.push(row >= 0 ? row : constantNode(plainValue(leaf), leaf.dtype));
        return new OutputSlot(outputs.length - 1);
      });
      const taken = branches.map(({ row, stamp, taken }): Branch => {
        if (row >= tape.length || tape.stamps[row] !== stamp) {
          throw new TypeError(
            "Cannot compile a branch on a value inside a derivative that drops it: use where(condition, a, b) there",
          );
        }
        outputs.push(row);
        return { output: outputs.length - 1, taken };
      });
      const captured: Variable[] = [];
      const capturedNodes: Node[] = [];
      const outside = (row: number): Node => {
        if (tape.opcodes[row] !== TRAINABLE) {
          throw new TypeError(
            message`Cannot compile: the function uses a Variable
          (${handleOf(row).toString()}) that was computed outside of it from trainable Variables; pass it as
          an argument, or compute it inside`,
          );
        }
        const owner = tape.owners[tape.ownerRows.indexOf(row)] as Variable;
        captured.push(owner);
        const node = inputNode(rows.length + captured.length - 1, owner.shape, owner.dtype);
        capturedNodes.push(node);
        return node;
      };
      const cut = graphFromTape(tape, mark, rows, outputs, outside);
      const graph = { ...cut, inputs: [...cut.inputs, ...capturedNodes] };
      // A run that turns out to branch otherwise must leave its arguments as they were.
      const donations = taken.length > 0
        ? undefined
        : findDonations(call, donate, graph.inputs, graph.outputs.slice(0, outputs.length - taken.length));
      const resident = new Set(
        [...call.leaves.keys()].filter((i) => call.leaves[i]!.value instanceof ResidentArray),
      );
      const program = compileGraph(graph, { ...options, donations, resident, slots: slotsFor(slots, call) });
      return { program, captured, branches: taken, result: template };
    })
  );
}

function unreadable(how: string): TypeError {
  return new TypeError(
    message`Cannot read ${how} inside compile(): the value depends on the arguments of
    the call or on a trainable Variable, and the recording serves other calls too; use where(condition, a, b), or condition.truthy()
    for a branch, which records one program for each way it goes`,
  );
}
