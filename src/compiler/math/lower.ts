import { type Expression, scalarAlgebra } from "../../array/elementwise/expression.ts";
import type { Lane, Lanes } from "./lanes.ts";
import { hostFunction } from "./host.ts";
import { logic } from "./logic.ts";
import { vectorMath } from "./table.ts";

/** Whether an expression can be written as lanes; what has no vector form calls the host for each element. */
export function canLower(expression: Expression): boolean {
  const { operation, operands } = expression;
  return (operation === "input" || operation === "number" || operation in scalarAlgebra) &&
    operands.every(canLower);
}

/** Writes a scalar expression as lanes, given those of its inputs. */
export function lowerExpression(expression: Expression, L: Lanes, inputs: readonly Lane[]): Lane {
  const known = new Map<Expression, Lane>();
  const visit = (e: Expression): Lane => {
    if (e.operation === "input") return inputs[e.value]!;
    if (e.operation === "number") return L.constant(e.value);
    let lane = known.get(e);
    if (lane === undefined) known.set(e, lane = lowerOperation(e.operation, L, e.operands.map(visit)));
    return lane;
  };
  return visit(expression);
}

function lowerOperation(operation: string, L: Lanes, operands: readonly Lane[]): Lane {
  const numbers = operands.map((operand) => L.numberOf(operand));
  if (numbers.every((x) => x !== undefined)) {
    return L.constant(hostFunction(operation, operands.length).run(...numbers));
  }
  const masked = logic[operation]?.(L, ...operands);
  if (masked !== undefined) return masked;
  const builder = vectorMath[operation]?.[L.isNarrow ? "f32" : "f64"];
  return builder !== undefined
    ? builder(L, ...operands)
    : L.call(hostFunction(operation, operands.length), operands);
}
