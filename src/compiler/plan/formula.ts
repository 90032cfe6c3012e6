import { type Expression, inputExpression, scalarAlgebra } from "../../array/elementwise/expression.ts";
import { type Operation, operation as op } from "../../primitives/mod.ts";
import type { Node } from "../graph/nodes.ts";

/** Operations that hand on their operand: a loop reads it with other strides or in another dtype. */
const COPIES: ReadonlySet<unknown> = new Set([op.identity, op.broadcastTo, op.cast]);

const INPUTS = [inputExpression(0), inputExpression(1), inputExpression(2)] as const;

/** Whether a node is computed element by element, by a formula. */
export function hasFormula({ operation }: Node): boolean {
  return COPIES.has(operation) || operation?.primitive.lower !== undefined;
}

const formulas = new WeakMap<Operation, Expression>();

/** The formula for one element of a node in terms of those of its operands; null where there is none. */
export function formulaOf({ operation }: Node): Expression | null {
  if (operation === null) return null;
  let formula = formulas.get(operation);
  if (formula === undefined) {
    formula = COPIES.has(operation) ? INPUTS[0] : operation.primitive.lower?.(scalarAlgebra, ...INPUTS);
    if (formula === undefined) return null;
    formulas.set(operation, formula);
  }
  return formula;
}
