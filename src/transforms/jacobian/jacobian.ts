import { zerosLike } from "../../variable/rows.ts";
import { cutGraph } from "../../compiler/mod.ts";
import { INPUT, tape } from "../../tape/mod.ts";
import { mapTree, type Tree, type Variable } from "../../variable/mod.ts";
import { handleOf } from "../../variable/variable.ts";
import { numbersToConstants, readArgnums, readArguments, readDerivativeOptions } from "../core/arguments.ts";
import { basis, batchWalk } from "../vmap.ts";
import { recordedForwardWalk, recordedWalk, zeros } from "../core/differentiable_walks.ts";
import { guarded } from "../core/guard.ts";
import { type Recording, traceFunction } from "../core/trace_function.ts";
import type { Jacobian, Like } from "../core/types.ts";

/** Options of {@linkcode jacobian}. */
export interface JacobianOptions<H extends boolean = false> {
  /** Which argument to differentiate by, 0 by default, or a list of them: the innermost trees are then lists. */
  readonly argnums?: number | readonly number[];
  /** Whether the function returns `[outputs, aux]`, with anything as `aux`; false by default. */
  readonly hasAux?: H;
}

/** The Jacobian by chosen arguments. */
export type JacobianBy<Y, P extends readonly unknown[], N> = N extends number ? Jacobian<Y, P[N]>
  : N extends readonly number[] ? Jacobian<Y, { -readonly [K in keyof N]: P[N[K] & keyof P] }>
  : Jacobian<Y, P[0]>;

/** A function of the arguments that gives a Jacobian, and what the function returned beside. */
export type JacobianFunction<P extends readonly unknown[], Y, H extends boolean, X, N> = (
  ...args: { readonly [K in keyof P]: P[K] | Like<P[K]> }
) => H extends true ? [jacobian: JacobianBy<Y, P, N>, aux: X] : JacobianBy<Y, P, N>;

/** Which way the walks go. */
type Direction = "forward" | "reverse" | "shorter";

/**
 * All derivatives of a function's outputs by its inputs. For each leaf of the outputs the result has a tree like
 * the inputs; each leaf of that is a Variable of shape `[...output shape, ...input shape]`. The function runs
 * once; the directions are walked all at the same time, forwards or backwards, whichever takes fewer.
 *
 * @param f Takes Variables in any trees, returns a tree of Variables of any shape. It must not be async
 * @param options `argnums`: which arguments to differentiate by; `hasAux`: f returns `[outputs, aux]` and the
 *   result is `[jacobian, aux]`
 * @throws {TypeError} When called: if f is async or returns something else
 * @throws {RangeError} When called: if there is no such argument
 *
 * @example
 * ```ts
 * import { jacobian, type Variable } from "@tapegrad/tapegrad";
 *
 * const f = (x: Variable) => x.mul(x.sum());
 * console.log(jacobian(f)([1, 2]).value); // [[4, 1], [2, 5]]
 * ```
 */
export function jacobian<
  P extends readonly unknown[],
  Y,
  const N extends number | readonly number[] = 0,
>(
  f: (...args: P) => Y,
  options?: { readonly argnums?: N; readonly hasAux?: false },
): JacobianFunction<P, Y, false, never, N>;
/** The Jacobian and what the function returns beside. */
export function jacobian<
  P extends readonly unknown[],
  Y,
  X,
  const N extends number | readonly number[] = 0,
>(
  f: (...args: P) => readonly [Y, X],
  options: { readonly argnums?: N; readonly hasAux: true },
): JacobianFunction<P, Y, true, X, N>;
export function jacobian(f: (...args: never[]) => unknown, options?: JacobianOptions<boolean>): unknown {
  return makeJacobian("jacobian", f, options, "shorter");
}

/**
 * The same as {@linkcode jacobian}, always by walks forwards: one direction for each number in the inputs.
 * It is the better one where the outputs have more numbers than the inputs.
 *
 * @param f Takes Variables in any trees, returns a tree of Variables of any shape. It must not be async
 * @param options See {@linkcode jacobian}
 * @throws {TypeError} When called: if f is async or returns something else
 * @throws {RangeError} When called: if there is no such argument
 *
 * @example
 * ```ts
 * import { jacobianForward, stack, type Variable } from "@tapegrad/tapegrad";
 *
 * const circle = (t: Variable) => stack([t.cos(), t.sin()]);
 * console.log(jacobianForward(circle)(0).value); // [0, 1]
 * ```
 */
export function jacobianForward<
  P extends readonly unknown[],
  Y,
  const N extends number | readonly number[] = 0,
>(
  f: (...args: P) => Y,
  options?: { readonly argnums?: N; readonly hasAux?: false },
): JacobianFunction<P, Y, false, never, N>;
/** The Jacobian and what the function returns beside. */
export function jacobianForward<
  P extends readonly unknown[],
  Y,
  X,
  const N extends number | readonly number[] = 0,
>(
  f: (...args: P) => readonly [Y, X],
  options: { readonly argnums?: N; readonly hasAux: true },
): JacobianFunction<P, Y, true, X, N>;
export function jacobianForward(
  f: (...args: never[]) => unknown,
  options?: JacobianOptions<boolean>,
): unknown {
  return makeJacobian("jacobianForward", f, options, "forward");
}

/**
 * The same as {@linkcode jacobian}, always by walks backwards: one for each number in the outputs. It is the
 * better one where the inputs have more numbers than the outputs.
 *
 * @param f Takes Variables in any trees, returns a tree of Variables of any shape. It must not be async
 * @param options See {@linkcode jacobian}
 * @throws {TypeError} When called: if f is async or returns something else
 * @throws {RangeError} When called: if there is no such argument
 *
 * @example
 * ```ts
 * import { jacobianReverse, type Variable } from "@tapegrad/tapegrad";
 *
 * const f = ({ a, b }: { a: Variable; b: Variable }) => a.mul(b).sum();
 * const { a, b } = jacobianReverse(f)({ a: [1, 2], b: 3 });
 * console.log(a.value, b.value); // [3, 3] 3
 * ```
 */
export function jacobianReverse<
  P extends readonly unknown[],
  Y,
  const N extends number | readonly number[] = 0,
>(
  f: (...args: P) => Y,
  options?: { readonly argnums?: N; readonly hasAux?: false },
): JacobianFunction<P, Y, false, never, N>;
/** The Jacobian and what the function returns beside. */
export function jacobianReverse<
  P extends readonly unknown[],
  Y,
  X,
  const N extends number | readonly number[] = 0,
>(
  f: (...args: P) => readonly [Y, X],
  options: { readonly argnums?: N; readonly hasAux: true },
): JacobianFunction<P, Y, true, X, N>;
export function jacobianReverse(
  f: (...args: never[]) => unknown,
  options?: JacobianOptions<boolean>,
): unknown {
  return makeJacobian("jacobianReverse", f, options, "reverse");
}

function makeJacobian(
  name: string,
  f: (...args: never[]) => unknown,
  options: JacobianOptions<boolean> | undefined,
  direction: Direction,
): (...args: unknown[]) => unknown {
  const { argnums, hasAux } = readDerivativeOptions(name, f, options);
  return function jacobianAt(...args) {
    const chosen = readArgnums(name, f, argnums ?? 0, args.length);
    const given = argnums === undefined ? args : args.map(numbersToConstants);
    const read = readArguments(name, given, chosen, args);
    return traceFunction(name, f, read, { hasAux }, (r) => {
      const blocks = findBlocks(r, direction);
      const trees = blocks.map((row) => {
        const list = read.regroup(row.map(r.detachUnlessNested));
        return argnums === undefined || typeof argnums === "number" ? list[0]! : list;
      });
      const jacobian = mapTree(r.rebuild(trees.map((_, i) => i)) as Tree<number>, (i) => trees[i]!);
      return hasAux ? [jacobian, r.aux] : jacobian;
    });
  };
}

/** The derivative of each output by each input, with the axes of the output before those of the input. */
export function findBlocks(r: Recording, direction: Direction): Variable[][] {
  const count = (list: readonly Variable[]): number => list.reduce((sum, x) => sum + x.size, 0);
  const forward = direction === "forward" || (direction === "shorter" && count(r.inputs) < count(r.outputs));
  return forward ? forwardBlocks(r) : reverseBlocks(r);
}

/** For each input, pushes a batch of directions forwards: one for each of its elements. */
function forwardBlocks({ frame, inputs, inputRows, outputs, outputRows }: Recording): Variable[][] {
  const blocks: Variable[][] = outputs.map(() => []);
  inputs.forEach((x, k) => {
    const direction = freshInput(x);
    const tangents = guarded(
      { where: "jacobian", inputs: [direction.row] },
      () => recordedForwardWalk(tape, frame.mark, [[inputRows[k]!, direction]]),
    );
    const moved = outputRows.map((row) => tangents.get(row));
    const found = walkDirections(direction, moved, x);
    outputs.forEach((y, j) => {
      const columns = found[j];
      blocks[j]!.push(columns === undefined ? zeroBlock(y, x) : lastAxisFirst(columns, y, x));
    });
  });
  return blocks;
}

/** For each output, pulls a batch of directions backwards: one for each of its elements. */
function reverseBlocks({ frame, inputs, inputRows, outputs, outputRows }: Recording): Variable[][] {
  return outputs.map((y, j) => {
    const direction = freshInput(y);
    const pulled = guarded(
      { where: "jacobian", inputs: [direction.row] },
      () => recordedWalk(tape, frame.mark, [[outputRows[j]!, direction]], inputRows),
    );
    const found = walkDirections(direction, pulled, y);
    return inputs.map((x, k) => found[k]?.reshape([...y.shape, ...x.shape]) ?? zeroBlock(y, x));
  });
}

const NONE = { value: undefined, batched: false };

/** A leaf that stands for a direction while what depends on it is recorded. */
function freshInput(like: Variable): Variable {
  return handleOf(tape.leaf(INPUT, zerosLike(like), like.dtype));
}

/**
 * Takes what a recorded direction led to, and computes it for all unit directions at the same time.
 *
 * @param from What the directions are those of
 * @returns For each result one with a leading axis of unit directions; undefined where there was none
 */
function walkDirections(
  direction: Variable,
  results: readonly (Variable | undefined)[],
  from: Variable,
): (Variable | undefined)[] {
  const there = results.filter((x) => x !== undefined && x.row >= direction.row) as Variable[];
  const mark = direction.row;
  const cut = cutGraph(tape, mark, [mark], there.map((x) => x.row), "dependent");
  const found = batchWalk(cut, [basis(from)], from.size);
  let next = 0;
  return results.map((x) => {
    const { value, batched } = x !== undefined && x.row >= mark ? found[next++]! : NONE;
    return batched ? value : undefined;
  });
}

function lastAxisFirst(columns: Variable, y: Variable, x: Variable): Variable {
  const flat = columns.reshape([x.size, y.size]);
  return (y.size === 1 ? flat : flat.transpose()).reshape([...y.shape, ...x.shape]);
}

function zeroBlock(y: Variable, x: Variable): Variable {
  return zeros(x).broadcastTo([...y.shape, ...x.shape]).reshape([...y.shape, ...x.shape]);
}
