import { tape } from "../tape/mod.ts";
import { rowOf } from "../variable/rows.ts";
import type { Variable } from "../variable/variable.ts";
import { numbersToConstants, readArgnums, readArguments, readMatching } from "./core/arguments.ts";
import { formLike, pullBack } from "./core/differentiate.ts";
import { RecordedFunction } from "./core/run_graph.ts";
import { zeros } from "./core/adapt.ts";
import type { LoweredArguments } from "./grad.ts";
import { type Recording, traceFunction } from "./core/trace_function.ts";
import { readDerivativeOptions } from "./core/options.ts";
import { recordedWalk } from "./core/differentiable_walks.ts";
import type { Gradient, Like, Variables } from "./core/types.ts";

/** Takes a cotangent for each output, and gives one for each argument. */
export type Pullback<Y, A extends readonly unknown[]> = (
  cotangents: Like<Y>,
) => { -readonly [K in keyof A]: Gradient<A[K]> };

/** Options of {@linkcode vjp} and {@linkcode jvp}. */
export interface DirectionalOptions<H extends boolean = false> {
  /** Which arguments to differentiate by; by default all. The others are passed on. */
  readonly argnums?: readonly number[];
  /** Whether the function returns `[outputs, aux]`, with anything as `aux`; false by default. */
  readonly hasAux?: H;
}

/**
 * The outputs of a function, and the function that pulls cotangents back: products of a vector and the
 * Jacobian, `cotangents · df/dx`, without the Jacobian itself. One recording serves any number of pullbacks.
 *
 * @param f Takes Variables in any trees, returns a tree of Variables of any shape. It must not be async
 * @param options `argnums`: which arguments to differentiate by, all by default; `hasAux`: f returns
 *   `[outputs, aux]` and the result is `[outputs, pullback, aux]`
 * @returns A function of the arguments that gives `[outputs, pullback]`. `pullback(cotangents)` takes a tree like
 *   the outputs and gives a list with one tree for each argument, in the form in which the argument was passed
 * @throws {TypeError} When called: if f is async or returns something else, or cotangents do not fit
 *
 * @example
 * ```ts
 * import { type Variable, vjp } from "@tapegrad/tapegrad";
 *
 * const [y, pullback] = vjp((x: Variable) => x.square())([1, 2, 3]);
 * console.log(y.value); // [1, 4, 9]
 * console.log(pullback([1, 0, 1])); // [[2, 0, 6]]
 * ```
 */
export function vjp<P extends readonly unknown[], Y>(
  f: (...args: P) => Y,
  options?: DirectionalOptions,
): <A extends LoweredArguments<P>>(...args: A) => [outputs: Variables<Y>, pullback: Pullback<Y, A>];
/** The outputs, the pullback, and what the function returns beside. */
export function vjp<P extends readonly unknown[], Y, X>(
  f: (...args: P) => readonly [Y, X],
  options: DirectionalOptions<true>,
): <A extends LoweredArguments<P>>(
  ...args: A
) => [outputs: Variables<Y>, pullback: Pullback<Y, A>, aux: X];
export function vjp(
  f: (...args: never[]) => unknown,
  options?: DirectionalOptions<boolean>,
): unknown {
  const { argnums, hasAux } = readDerivativeOptions("vjp", f, options);
  return function vectorJacobianProduct(...args: unknown[]): unknown {
    const chosen = readArgnums("vjp", f, argnums ?? args.map((_, i) => i), args.length);
    const read = readArguments("vjp", args.map(numbersToConstants), chosen, args);
    return traceFunction("vjp", f, read, { hasAux }, (r) => {
      const outputs = r.rebuild(r.outputs.map(r.detachUnlessNested));
      const pull = r.isNested ? keptPullback(r) : cutPullback(r);
      const like = r.rebuild(r.outputs.map((y) => zeros(y)));
      const pullback = (cotangents: unknown): unknown =>
        formLike("vjp", pull(readMatching("vjp", "cotangent", cotangents, like)), read);
      return hasAux ? [outputs, pullback, r.aux] : [outputs, pullback];
    });
  };
}

type Pull = (cotangents: readonly Variable[]) => Variable[];

/** Walks back over rows that stay on the tape. */
function keptPullback({ frame, inputs, inputRows, outputs, outputRows }: Recording): Pull {
  frame.keepsRows = true;
  return (cotangents) => {
    // Throws if the rows have gone in the meantime.
    [...inputs, ...outputs].forEach(rowOf);
    const seeds = cotangents.map((ct, i) => [outputRows[i]!, ct] as const);
    return recordedWalk(tape, frame.mark, seeds, inputRows).map((g, i) => g ?? zeros(inputs[i]!));
  };
}

/** Writes the rows onto the tape anew for each walk. */
function cutPullback({ frame, inputs, inputRows, outputRows }: Recording): Pull {
  const recorded = new RecordedFunction(frame.mark, outputRows, inputRows);
  return (cotangents) =>
    traceFunction("vjp", () => [], readArguments("vjp", [cotangents], [0]), { hasAux: false }, (r) => {
      const mark = tape.length;
      const { inputs: rows, outputs: ends } = recorded.append();
      const found = ends.length === 1
        ? pullBack(mark, ends[0]!, r.inputs[0]!, rows, r.isNested)
        : recordedWalk(tape, mark, ends.map((row, i) => [row, r.inputs[i]!]), rows);
      return found.map((g, i) => r.detachUnlessNested(g ?? zeros(inputs[i]!)));
    });
}
