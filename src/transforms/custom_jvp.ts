import { rowOf } from "../variable/rows.ts";
import { tape } from "../tape/mod.ts";
import { noGrad, stopGradient, type Variable } from "../variable/mod.ts";
import { checkFunction, readMatching } from "./core/arguments.ts";
import {
  checkClosed,
  customRow,
  type GivenDerivatives,
  pack,
  variablesIn,
  withVariables,
} from "./core/custom_row.ts";
import { zeros } from "./core/adapt.ts";
import { grad } from "./grad.ts";
import { readResult, splitAux } from "./core/trace_function.ts";

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
