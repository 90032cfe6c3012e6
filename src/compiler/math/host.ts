import {
  CAN_COMPILE,
  compileFunction,
  evaluator,
  type Expression,
  inputExpression,
  scalarAlgebra,
  toJavaScript,
} from "../../array/elementwise/expression.ts";
import type { HostFunction } from "./lanes.ts";

const functions = new Map<string, HostFunction>();

/** The function of plain numbers that eager code computes a scalar operation with. */
export function hostFunction(operation: string, arity: number): HostFunction {
  let host = functions.get(operation);
  if (host === undefined) {
    const names = ["a", "b", "c"].slice(0, arity);
    const build = scalarAlgebra[operation as "add"] as (...operands: Expression[]) => Expression;
    const formula = build(...names.map((_, i) => inputExpression(i)));
    if (!CAN_COMPILE) {
      const evaluate = evaluator(formula, arity);
      functions.set(operation, host = { arity, run: (...numbers: number[]) => evaluate(numbers) });
      return host;
    }
    const { statements, result } = toJavaScript(formula, names);
    const body = `${statements} return ${result};`;
    const run = compileFunction(names, body) as HostFunction["run"];
    const source = `(${names.join(", ")}) => { ${body} }`;
    functions.set(operation, host = body.includes("special.") ? { arity, run } : { arity, run, source });
  }
  return host;
}

/** The JavaScript of a host's function, where another thread can run it. */
export function hostSource(run: unknown): string | undefined {
  for (const host of functions.values()) if (host.run === run) return host.source;
  return undefined;
}
