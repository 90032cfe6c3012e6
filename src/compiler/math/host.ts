import {
  compileFunction,
  type Expression,
  inputExpression,
  scalarAlgebra,
  toJavaScript,
} from "../../array/expression.ts";
import type { HostFunction } from "../lanes.ts";

const functions = new Map<string, HostFunction>();

/** The function of plain numbers that eager code computes a scalar operation with. */
export function hostFunction(operation: string, arity: number): HostFunction {
  let host = functions.get(operation);
  if (host === undefined) {
    const names = ["a", "b", "c"].slice(0, arity);
    const build = scalarAlgebra[operation as "add"] as (...operands: Expression[]) => Expression;
    const { statements, result } = toJavaScript(build(...names.map((_, i) => inputExpression(i))), names);
    const run = compileFunction(names, `${statements} return ${result};`) as HostFunction["run"];
    functions.set(operation, host = { arity, run });
  }
  return host;
}
