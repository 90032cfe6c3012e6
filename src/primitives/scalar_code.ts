/** The short formulas of plain numbers in one function: engines take it into the code that calls it. */
import {
  CAN_COMPILE,
  compileFunction,
  type Expression,
  inputExpression,
  scalarAlgebra,
  toJavaScript,
} from "../array/elementwise/expression.ts";
import { type Operation, operations } from "./operation.ts";

type Other = (opcode: number, x: number, y: number) => number;
type Compute = (opcode: number, x: number, y: number, other: Other) => number;

let compute: Compute | undefined;

/**
 * The result of an element-wise operation of at most two operands for plain numbers.
 *
 * @param y Any number where there is one operand
 */
export function computeScalar({ opcode }: Operation, x: number, y: number): number {
  return (compute ?? makeCompute())(opcode, x, y, computeOther);
}

function computeOther(opcode: number, x: number, y: number): number {
  return operations[opcode]!.scalar!(x, y);
}

/** Made once, when it is first needed: engines take in only what a call has always called. */
function makeCompute(): Compute {
  return compute = CAN_COMPILE ? writeCompute() : (opcode, x, y, other) => other(opcode, x, y);
}

function writeCompute(): Compute {
  const cases = operations.map(({ opcode, primitive: { lower, arity } }) => {
    if (lower === undefined || arity !== 1 && arity !== 2) return "";
    const formula = lower(scalarAlgebra, inputExpression(0), inputExpression(1), inputExpression(2));
    return isShort(formula) ? `case ${opcode}: return ${toJavaScript(formula, ["x", "y"]).result};` : "";
  });
  const body = `switch (opcode) { ${cases.join("")} } return other(opcode, x, y);`;
  return compileFunction(["opcode", "x", "y", "other"], body) as Compute;
}

/** Whether a formula is one instruction. */
function isShort({ operation, operands }: Expression): boolean {
  const instructions = ["input", "add", "sub", "mul", "div", "neg"];
  return instructions.includes(operation) && operands.every((o) => o.operation === "input");
}
