import { plainValue } from "../variable/rows.ts";
import { message } from "../_internal/message.ts";
import { forwardWalk, Tangents, tape } from "../tape/mod.ts";
import { untracked, Variable } from "../variable/variable.ts";
import { numbersToConstants, readArgnums, readArguments, readMatching } from "./core/arguments.ts";
import { zeros } from "./core/adapt.ts";
import type { LoweredArguments } from "./grad.ts";
import { type Recording, traceFunction } from "./core/trace_function.ts";
import { readDerivativeOptions } from "./core/options.ts";
import { recordedForwardWalk } from "./core/differentiable_walks.ts";
import type { Variables } from "./core/types.ts";
import type { DirectionalOptions } from "./vjp.ts";

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
