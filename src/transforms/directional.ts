/** Derivatives in directions: forwards, backwards, and as linear functions. */
import { message } from "../_internal/message.ts";
import { cutGraph } from "../compiler/mod.ts";
import { forwardWalk, INPUT, Tangents, tape } from "../tape/mod.ts";
import {
  numbersToConstants,
  readArgnums,
  readArguments,
  readDerivativeOptions,
  readMatching,
} from "./core/arguments.ts";
import { recordedForwardWalk, recordedWalk, zeros } from "./core/differentiable_walks.ts";
import { formLike, pullBack } from "./core/differentiate.ts";
import { RecordedFunction, runGraph } from "./core/graphs.ts";
import { guarded } from "./core/guard.ts";
import { type Recording, traceFunction } from "./core/trace_function.ts";
import type { Gradient, Like, Variables } from "./core/types.ts";
import type { LoweredArguments } from "./grad.ts";
import { plainValue, rowOf, zerosLike } from "../variable/rows.ts";
import { handleOf, untracked, Variable } from "../variable/variable.ts";

/**
 * The outputs of a function, and how fast they change along a direction: the product of the Jacobian and a
 * vector, `df/dx · tangents`, by one walk forwards.
 *
 * @param f Takes Variables in any trees, returns a tree of Variables of any shape. It must not be async
 * @param options `argnums`: which arguments move, all by default; `hasAux`: f returns `[outputs, aux]` and the
 *   result is `[outputs, tangents, aux]`
 * @returns A function of two lists, the arguments and the tangents of those that move, each tangent of the
 *   structure and shape of its argument; it gives `[outputs, tangents of the outputs]`
 * @throws {TypeError} When called: if f is async or returns something else, or tangents do not fit
 *
 * @example
 * ```ts
 * import { jvp, type Variable } from "@tapegrad/tapegrad";
 *
 * const f = (x: Variable, y: Variable) => x.mul(y);
 * const [z, dz] = jvp(f)([3, 4], [1, 0]);
 * console.log(z.item(), dz.item()); // 12 4
 * ```
 */
export function jvp<P extends readonly unknown[], Y>(
  f: (...args: P) => Y,
  options?: DirectionalOptions,
): (
  primals: LoweredArguments<P>,
  tangents: readonly unknown[] & Partial<LoweredArguments<P>>,
) => [outputs: Variables<Y>, tangents: Variables<Y>];
/** The outputs, their tangents, and what the function returns beside. */
export function jvp<P extends readonly unknown[], Y, X>(
  f: (...args: P) => readonly [Y, X],
  options: DirectionalOptions<true>,
): (
  primals: LoweredArguments<P>,
  tangents: readonly unknown[] & Partial<LoweredArguments<P>>,
) => [outputs: Variables<Y>, tangents: Variables<Y>, aux: X];
export function jvp(
  f: (...args: never[]) => unknown,
  options?: DirectionalOptions<boolean>,
): unknown {
  const { argnums, hasAux } = readDerivativeOptions("jvp", f, options);
  return function jacobianVectorProduct(primals: readonly unknown[], tangents: readonly unknown[]): unknown {
    checkList("arguments", primals);
    checkList("tangents", tangents);
    const chosen = readArgnums("jvp", f, argnums ?? primals.map((_, i) => i), primals.length);
    const read = readArguments("jvp", primals.map(numbersToConstants), chosen, primals);
    const directions = readMatching("jvp", "tangent", tangents, read.regroup(read.variables));
    const wantVariables = read.wantVariables || directions.some((d) => d.row >= 0);
    return traceFunction("jvp", f, read, { hasAux, wantVariables, extraOperands: directions }, (r) => {
      const moved = pushForward(r, directions).map((t, i) => r.detachUnlessNested(t ?? zeros(r.outputs[i]!)));
      const outputs = r.rebuild(r.outputs.map(r.detachUnlessNested));
      return hasAux ? [outputs, r.rebuild(moved), r.aux] : [outputs, r.rebuild(moved)];
    });
  };
}

/** The tangents of the outputs, undefined where they do not depend on the inputs. */
function pushForward(
  { frame: { mark }, inputRows, outputRows, isNested }: Recording,
  directions: readonly Variable[],
): (Variable | undefined)[] {
  if (isNested) {
    const found = recordedForwardWalk(tape, mark, directions.map((d, i) => [inputRows[i]!, d]));
    return outputRows.map((row) => found.get(row));
  }
  const tangents = new Tangents(tape, mark);
  directions.forEach((d, i) => tangents.set(inputRows[i]!, plainValue(d)));
  forwardWalk(tape, mark, tangents);
  return outputRows.map((row) => {
    const tangent = tangents.at(row);
    return tangent === undefined ? undefined : untracked(tangent, tape.dtypeOf(row));
  });
}

function checkList(what: string, list: unknown): void {
  if (Array.isArray(list) && !(list instanceof Variable)) return;
  throw new TypeError(message`Cannot call jvp: its ${what} must be a list with one entry for each argument`);
}

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

/**
 * The outputs of a function, and its linear part at that place as a function of tangents: what {@linkcode jvp}
 * gives, for any number of directions, without running the function again.
 *
 * @param f Takes Variables in any trees, returns a tree of Variables of any shape. It must not be async
 * @returns A function of the arguments that gives `[outputs, linear]`; `linear(...tangents)` takes one tangent for
 *   each argument, of its structure and shape, and gives the tangents of the outputs
 * @throws {TypeError} When called: if f is async or returns something else, or tangents do not fit
 *
 * @example
 * ```ts
 * import { linearize, type Variable } from "@tapegrad/tapegrad";
 *
 * const [y, linear] = linearize((x: Variable) => x.square())(3);
 * console.log(y.item(), linear(1).item(), linear(2).item()); // 9 6 12
 * ```
 */
export function linearize<P extends readonly unknown[], Y>(
  f: (...args: P) => Y,
): (...args: LoweredArguments<P>) => [
  outputs: Variables<Y>,
  linear: (...tangents: { readonly [K in keyof P]: Like<P[K]> }) => Variables<Y>,
] {
  return function linearized(...args) {
    const chosen = readArgnums("linearize", f, args.map((_, i) => i), args.length);
    const read = readArguments("linearize", args.map(numbersToConstants), chosen, args);
    return traceFunction("linearize", f as (...args: never[]) => unknown, read, { hasAux: false }, (r) => {
      const { frame, inputs, inputRows, outputs, outputRows, rebuild } = r;
      const directions = inputs.map((x) => handleOf(tape.leaf(INPUT, zerosLike(x), x.dtype)));
      const seeds = directions.map((d, i) => [inputRows[i]!, d] as const);
      const start = directions[0]?.row ?? tape.length;
      const tangents = guarded(
        { where: "linearize", inputs: directions.map((d) => d.row) },
        () => recordedForwardWalk(tape, frame.mark, seeds),
      );
      const moved = outputRows.map((row) => tangents.get(row) ?? zeros(outputs[outputRows.indexOf(row)]!));
      const rows = moved.map((t) =>
        t.row >= 0 ? t.row : handleOf(tape.leaf(INPUT, zerosLike(t), t.dtype)).row
      );
      const { graph, outside } = cutGraph(tape, start, directions.map((d) => d.row), rows, "dependent");
      const fixed = outside.map(handleOf);
      if (r.isNested) frame.keepsRows = true;
      const like = read.regroup(inputs.map(zeros));
      const linear = (...given: unknown[]): unknown =>
        rebuild(runGraph(graph, [...readMatching("linearize", "tangent", given, like), ...fixed]));
      return [rebuild(outputs.map(r.detachUnlessNested)), linear] as never;
    });
  };
}
