/** Functions with derivatives that are given. */
import { isPlainObject } from "../_internal/containers.ts";
import { describeValue } from "../_internal/format.ts";
import { message } from "../_internal/message.ts";
import { tape } from "../tape/mod.ts";
import { checkFunction, readMatching } from "./core/arguments.ts";
import {
  checkClosed,
  customRow,
  type GivenDerivatives,
  pack,
  variablesIn,
  withVariables,
} from "./core/custom_row.ts";
import { zeros } from "./core/differentiable_walks.ts";
import { readResult, splitAux } from "./core/trace_function.ts";
import { grad } from "./grad.ts";
import { noGrad, stopGradient, type Tree, type Variable } from "../variable/mod.ts";
import { rowOf } from "../variable/rows.ts";

/** A function with a derivative of its own. */
export interface CustomVjpRules<P extends readonly unknown[], Y, S> {
  /** Gives the outputs, and whatever the walk backwards needs: a tree of Variables and anything else. */
  readonly forward: (...args: P) => readonly [outputs: Y, residuals: S];
  /**
   * Gives a list with one entry for each argument: a tree of cotangents like it, or null for none. It must be
   * linear in the cotangents.
   */
  readonly backward: (residuals: S, cotangents: Y) => readonly unknown[];
}

/**
 * A function whose derivative is given: for one that is stabler, cheaper or other than what the operations would
 * give. The derivative can itself be differentiated, as far as `backward` computes with operations on Variables;
 * walks forwards use it too, transposed; and it can be mapped by `vmap`.
 *
 * @param f The function, for calls without derivatives
 * @param rules `forward` and `backward`
 * @returns The function with its derivative
 * @throws {TypeError} When called: if it uses recorded Variables other than its arguments; in the walk: if
 *   cotangents do not fit
 *
 * @example
 * ```ts
 * import { customVjp, grad, type Variable } from "@tapegrad/tapegrad";
 *
 * // The identity, with gradients clipped to 1 on the way back.
 * const clipped = customVjp((x: Variable) => x, {
 *   forward: (x) => [x, null],
 *   backward: (_, g) => [g.clip(-1, 1)],
 * });
 * console.log(grad((x: Variable) => clipped(x).mul(5))(2)); // 1
 * ```
 */
export function customVjp<P extends readonly unknown[], Y, S>(
  f: (...args: P) => Y,
  rules: CustomVjpRules<P, Y, S>,
): (...args: P) => Y {
  if (!isPlainObject(rules)) {
    throw new TypeError(
      message`Cannot make customVjp of ${describeValue(rules)}: pass { forward, backward }`,
    );
  }
  const { forward, backward } = rules as unknown as CustomVjpRules<P, Y, S>;
  for (const part of [f, forward, backward]) checkFunction("customVjp", part);
  const name = f.name || "customVjp";
  return function withOwnVjp(...args) {
    const inputs = variablesIn(args);
    if (!tape.recording) return f(...args);
    const rows = inputs.map(rowOf);
    if (rows.every((row) => row < 0)) return f(...args);
    const mark = tape.length;
    const [result, residuals] = splitAux(name, forward(...args), true) as [Y, S];
    checkClosed(name, mark, new Set(rows));
    const { outputs, rebuild } = readResult(name, result, false);
    const { packed, unpack } = pack(outputs);
    const kept = variablesIn(residuals);
    const pull = (values: readonly Variable[], g: Variable): (Variable | undefined)[] => {
      const seen = withVariables(residuals, values.slice(inputs.length, -1)) as S;
      return readCotangents(name, backward(seen, rebuild(unpack(g)) as Y), args);
    };
    const given: GivenDerivatives = {
      vjp: (values, g) => [...pull(values, g), ...kept.map(() => undefined), undefined],
      jvp: (values, tangents) => transpose(values, tangents.slice(0, inputs.length), pull),
    };
    return rebuild(unpack(customRow(name, [...inputs, ...kept], packed, given))) as Y;
  };
}

/**
 * Forwards with a rule for backwards: the rule is linear in the cotangent, so the derivative by that of its
 * product with the tangents is the tangent of the result.
 */
function transpose(
  values: readonly Variable[],
  tangents: readonly (Variable | undefined)[],
  pull: (values: readonly Variable[], g: Variable) => (Variable | undefined)[],
): Variable | undefined {
  if (tangents.every((t) => t === undefined)) return undefined;
  const product = (g: Variable): Variable | number => {
    let total: Variable | number = 0;
    pull(values, g).forEach((ct, k) => {
      const tangent = tangents[k];
      if (ct !== undefined && tangent !== undefined) total = ct.mul(tangent).sum().add(total);
    });
    return total;
  };
  return grad(product)(zeros(values[values.length - 1]!)) as Variable;
}

/** The cotangents of the Variables among the arguments. */
export function readCotangents(
  name: string,
  list: unknown,
  args: readonly unknown[],
): (Variable | undefined)[] {
  if (!Array.isArray(list) || list.length !== args.length) {
    throw new TypeError(
      message`Cannot walk backwards through ${name}: backward must return a list with one
      entry for each of the ${args.length} arguments`,
    );
  }
  return args.flatMap((arg, k): (Variable | undefined)[] => {
    const entry = list[k] as Tree<unknown> | null | undefined;
    if (entry === null || entry === undefined) return variablesIn(arg).map(() => undefined);
    return readMatching(name, "cotangent", entry, arg);
  });
}

/**
 * A function whose derivative is given as a rule for walks forwards; walks backwards use it too, transposed. The
 * derivative can itself be differentiated, as far as the rule computes with operations on Variables.
 *
 * @param f The function
 * @param rule Takes the arguments and their tangents, two lists, and gives `[outputs, tangents of the outputs]`; it
 *   must be linear in the tangents
 * @returns The function with its derivative
 * @throws {TypeError} When called: if it uses recorded Variables other than its arguments; in the walk: if
 *   tangents do not fit
 *
 * @example
 * ```ts
 * import { customJvp, grad, type Variable } from "@tapegrad/tapegrad";
 *
 * // log(1 + exp(x)) with a derivative that never overflows.
 * const softplus: (x: Variable) => Variable = customJvp(
 *   (x: Variable) => x.exp().add(1).log(),
 *   ([x], [dx]) => [softplus(x), dx.mul(x.sigmoid())],
 * );
 * console.log(grad(softplus)(0), grad(grad(softplus))(0)); // 0.5 0.25
 * ```
 */
export function customJvp<P extends readonly unknown[], Y>(
  f: (...args: P) => Y,
  rule: (primals: P, tangents: P) => readonly [outputs: Y, tangents: Y],
): (...args: P) => Y {
  checkFunction("customJvp", f);
  checkFunction("customJvp", rule);
  const name = f.name || "customJvp";
  return function withOwnJvp(...args) {
    const inputs = variablesIn(args);
    if (!tape.recording) return f(...args);
    const rows = inputs.map(rowOf);
    if (rows.every((row) => row < 0)) return f(...args);
    const result = runUnrecorded(name, () => f(...args), new Set(rows));
    const { outputs, rebuild } = readResult(name, result, false);
    const { packed, unpack } = pack(outputs);
    const push = (values: readonly Variable[], tangents: readonly (Variable | undefined)[]): Variable => {
      const primals = withVariables(args, values.slice(0, inputs.length)) as unknown as P;
      const moved = withVariables(args, inputs.map((x, k) => tangents[k] ?? zeros(x))) as unknown as P;
      const [, out] = splitAux(name, rule(primals, moved), true);
      return pack(readMatching(name, "tangent", out, rebuild(outputs.map(zeros)))).packed;
    };
    const given: GivenDerivatives = {
      vjp: (values, g) => {
        const product = (tangents: readonly Variable[]): Variable => push(values, tangents).mul(g).sum();
        const cotangents = grad(product)(inputs.map(zeros)) as Variable[];
        return [...cotangents, undefined];
      },
      jvp: (values, tangents) =>
        tangents.slice(0, inputs.length).every((t) => t === undefined) ? undefined : push(values, tangents),
    };
    return rebuild(unpack(customRow(name, inputs, packed, given))) as Y;
  };
}

/** Runs a function whose rows are not needed, after a look at what it has used. */
function runUnrecorded<R>(name: string, run: () => R, allowed: ReadonlySet<number>): R {
  // A recording for other values needs the rows.
  if (tape.isTracing) return noGrad(run);
  return tape.frame(`${name}()`, ({ mark }) => {
    const result = run();
    checkClosed(name, mark, allowed);
    return withVariables(result, variablesIn(result).map(stopGradient)) as R;
  });
}
