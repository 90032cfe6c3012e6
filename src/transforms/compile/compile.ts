import { plainValue } from "../../variable/rows.ts";
import { message } from "../../_internal/message.ts";
import { describeValue } from "../../_internal/format.ts";
import { readChoice, readIntegers, readOptions } from "../../_internal/readers/mod.ts";
import type { Value } from "../../array/value.ts";
import {
  type BlasChoice,
  DonatedSlots,
  findBlas,
  LEAST_WORK,
  type ProgramStats,
  threadCount,
} from "../../compiler/mod.ts";
import { debugging, tape } from "../../tape/mod.ts";
import { BranchCache, type CompiledBranch, type MatchingRun } from "./branches.ts";
import { type Call, readCall } from "./call.ts";
import { type Compilation, compileBranch, traceCall } from "./compile_branch.ts";
import { linkTo, makePacker } from "./results.ts";
import { RepeatedCall } from "./repeated_call.ts";
import { makeLoop, type StateLoop } from "./state_loop.ts";
import type { CallsOf } from "./types.ts";

/** How {@linkcode compile} works. */
export interface CompileOptions {
  /**
   * Arguments that are passed on as they are: another value is another program. Counted from 0. Arrays and plain objects
   * are told apart by what they hold, functions and other objects also by identity.
   */
  readonly staticArgnums?: readonly number[];
  /**
   * Arguments whose memory the results may take over, counted from 0: their leaves and those of the results are
   * paired in order. Such results stay in the program's memory until they are read; passed to the next call they cost no
   * copy, and can't be read any more after it. Large results (64 KiB and more) of functions that donate nothing stay in
   * the memory, too, until they are read or the function runs again; donated to another function they are handed on
   * unread. For parameters and the state of an optimizer in a training loop.
   * A function that branches on values with `truthy()` copies them all the same, as another branch may need them; so use
   * `where(condition, a, b)`.
   */
  readonly donate?: readonly number[];
  /**
   * How many programs are kept, for each signature one or, where the function branches on values, several; the one not
   * used for longest goes. 32 by default.
   */
  readonly cacheSize?: number;
  /** `"replay"` runs the simplified rows in TypeScript, without WebAssembly; by default `"wasm"`. */
  readonly target?: "wasm" | "replay";
  /**
   * How many threads share large loops, copies, matrix products, convolutions, pooling, lookups and sorting, 1 by
   * default; `"auto"` for as many as there are processors, at most 4. Results don't depend on it, not in a bit. Small programs run in one
   * thread all the same, and so do all while workers can't be had: a warning says so once, {@linkcode
   * CompiledFunction.stats} tells the number of the last run, and workers that come late are used from then on. The
   * other threads are workers that all compiled functions share; they sleep between calls and end when the last
   * function that uses them is disposed of (`using f = compile(...)`), or after some seconds without work.
   */
  readonly threads?: number | "auto";
  /**
   * A native library for matrix products and convolutions that are large enough for it: `"auto"` for the first of the
   * usual ones that the machine has (OpenBLAS, on macOS Accelerate, MKL), or the name or path of a BLAS with the
   * interface of C. `false` by default: none. It runs in Deno with `--allow-ffi`, and in as many threads as `threads`
   * says. It adds in another order than the kernels here, so results agree to rounding, and bits may depend on the
   * machine and on `threads`. See {@linkcode useBlas} for products outside of compiled functions.
   */
  readonly blas?: BlasChoice;
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
export type Compiled<F> = CallsOf<F> & CompiledMethods & CompiledLoops<F>;

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
 * Called with Variables it returns Variables, which have derivatives as without compiling; called with numbers
 * and arrays only, it returns numbers and arrays. Numbers take the dtype of what they are combined with. Inside another
 * transform the function itself runs, so that it can be differentiated.
 *
 * What a function reads from outside is as it was when it was recorded: plain numbers and arrays are fixed for each
 * signature, trainable Variables are read anew at each call. (`scan`, `whileLoop` and `checkpointLoop` record their step
 * at each call, so there everything is up to date.)
 *
 * @param f Must be synchronous, give the same for the same arguments, and not read values of what it computes
 *   (`item()`, `value`, `data`)
 * @param options `staticArgnums`, `donate`, `cacheSize`, `target`, `threads`, `blas`
 * @throws {TypeError} If an option is unknown or of a wrong type
 * @throws {TypeError} When called: if f is async, reads a value that depends on its arguments or on a trainable Variable,
 *   changes a Variable; if an argument holds an object that is neither
 *   plain, an array, nor a Variable
 * @throws {TypeError} If `blas` is asked for with `target: "replay"`, outside of Deno or without `--allow-ffi`
 * @throws {RangeError} If `cacheSize`, `threads`, `target` or the number of an argument is out of range, or there is no
 *   such library as `blas` says
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
  const { compilation, cacheSize } = readCompilation(f as unknown as Compilation["f"], options);
  const cache = new BranchCache(cacheSize);
  const find = (call: Call, isOwner = false): MatchingRun | undefined =>
    cache.find(call.key, (branch) => runBranch(branch, call, isOwner));
  const add = (call: Call, args: readonly unknown[]): CompiledBranch => {
    const branch = compileBranch(compilation, call, args);
    cache.add(call.key, branch);
    return branch;
  };
  const runCall = (call: Call, args: readonly unknown[], isOwner = false): MatchingRun => {
    // Programs are not watched, recording is.
    if (debugging()) traceCall(compilation, call, args);
    const found = find(call, isOwner);
    if (found !== undefined) return found;
    const branch = add(call, args);
    return { branch, values: runBranch(branch, call, isOwner) };
  };
  let last: RepeatedCall | undefined;
  const compiled = function compiled(...args: unknown[]): unknown {
    if (tape.depth > 0) return compilation.f(...args);
    const inputs = last === undefined || debugging() ? undefined : last.read(args);
    if (inputs !== undefined) return last!.run(inputs);
    const { statics, donate } = compilation;
    const call = readCall(args, statics);
    const { branch, values } = runCall(call, args);
    last = branch.decisions.length > 0 ? undefined : new RepeatedCall(branch, call, args, statics);
    return makePacker(branch, call.resultForm)(values, linkTo(branch, call, donate));
  };
  forgotten.register(compiled, cache);
  return Object.assign(compiled, {
    lower: (...args: unknown[]) => {
      const call = readCall(args, compilation.statics);
      const known = cache.findUnconditional(call.key) ?? find(call)?.branch;
      return (known ?? add(call, args)).program.stats.stages;
    },
    loop: (state: unknown) => {
      if (!compilation.donate.has(0) || compilation.statics.has(0)) {
        throw new TypeError(
          "Cannot loop: argument 0, the state, stays in the memory only if it is donated; use compile(f, { donate: [0] })",
        );
      }
      return makeLoop({ owner: compiled, statics: compilation.statics, run: runCall }, state);
    },
    stats: () => cache.branches().map(({ program }) => program.stats),
    [Symbol.dispose]: () => {
      last = undefined;
      cache.clear();
    },
  }) as unknown as Compiled<F>;
}

function readCompilation(
  f: Compilation["f"],
  options: CompileOptions,
): { compilation: Compilation; cacheSize: number } {
  const read = readOptions("compile()", options, {
    staticArgnums: [],
    donate: [],
    cacheSize: 32,
    target: "wasm",
    threads: 1,
    blas: undefined,
  });
  const argnums = (name: "staticArgnums" | "donate"): ReadonlySet<number> =>
    new Set(readIntegers("compile", `the option ${name}`, read[name], 0));
  const count = threadCount(read.threads);
  const target = readChoice("compile", "the option target", read.target, ["wasm", "replay"]);
  const choice = read.blas === undefined ? false : read.blas;
  if (target === "replay" && choice !== false) {
    throw new TypeError(
      'Cannot compile with blas and target "replay": rows are replayed in TypeScript; leave out one of them',
    );
  }
  return {
    compilation: {
      f,
      statics: argnums("staticArgnums"),
      donate: argnums("donate"),
      slots: new DonatedSlots(),
      habits: { needsValues: false },
      target,
      threading: { count, leastWork: LEAST_WORK },
      blas: findBlas("compile", choice),
    },
    cacheSize: readCacheSize(read.cacheSize),
  };
}

function readCacheSize(size: unknown): number {
  if (Number.isInteger(size) && (size as number) >= 1) return size as number;
  throw new RangeError(
    message`Cannot compile with cacheSize ${describeValue(size)}: use an integer of at least 1`,
  );
}

/** Releases the programs of functions that nobody holds any more. */
const forgotten = new FinalizationRegistry<BranchCache>((cache) => cache.clear());

/** Runs a program on the arguments of a call. */
function runBranch({ program, captured }: CompiledBranch, call: Call, isOwner: boolean): Value[] {
  const inputs: Value[] = [];
  for (const leaf of call.leaves) inputs.push(leaf.value);
  for (const x of captured) inputs.push(plainValue(x));
  return program.run(inputs, isOwner);
}
