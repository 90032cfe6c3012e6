import type { Expression } from "../../array/elementwise/expression.ts";
import { f64, select } from "../wasm/writer.ts";
import { ARITHMETIC, COMPARISONS } from "./scalar_rows.ts";

/** One step of computing a formula on the stack. */
export type FormulaStep =
  | { readonly kind: "input"; readonly index: number }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "instruction"; readonly write: () => unknown }
  /** Calls a function of JavaScript. */
  | { readonly kind: "call"; readonly name: string }
  /** Keeps a part that is used again, or brings it back. */
  | { readonly kind: "keep" | "recall"; readonly part: number };

/** A formula as steps. */
export interface FormulaSteps {
  readonly steps: readonly FormulaStep[];
  /** How often each operand of the row is named in the formula. */
  readonly inputs: readonly number[];
}

const known = new WeakMap<Expression, FormulaSteps>();

/** The steps of a formula: found once, as thousands of rows have the same. */
export function stepsOf(formula: Expression): FormulaSteps {
  let steps = known.get(formula);
  if (steps === undefined) known.set(formula, steps = findSteps(formula));
  return steps;
}

function findSteps(formula: Expression): FormulaSteps {
  const repeated = findRepeated(formula);
  const steps: FormulaStep[] = [];
  const kept = new Map<Expression, number>();
  const instruction = (write: () => unknown): number => steps.push({ kind: "instruction", write });
  const visit = (e: Expression): void => {
    const part = kept.get(e);
    if (e.operation === "input") steps.push({ kind: "input", index: e.value });
    else if (e.operation === "number") steps.push({ kind: "number", value: e.value });
    else if (part !== undefined) steps.push({ kind: "recall", part });
    else {
      operate(e);
      if (!repeated.has(e)) return;
      steps.push({ kind: "keep", part: kept.size });
      kept.set(e, kept.size);
    }
  };
  const operate = (e: Expression): void => {
    if (e.operation === "select") {
      visit(e.operands[1]!);
      visit(e.operands[2]!);
      decide(e.operands[0]!);
      instruction(select);
    } else if (e.operation in COMPARISONS) {
      decide(e);
      instruction(f64.convert_i32_s);
    } else {
      e.operands.forEach(visit);
      const write = ARITHMETIC[e.operation];
      if (write !== undefined) instruction(write);
      else steps.push({ kind: "call", name: e.operation });
    }
  };
  /** Leaves whether a number is not zero, as an i32. */
  const decide = (e: Expression): void => {
    const comparison = COMPARISONS[e.operation];
    if (comparison !== undefined) {
      e.operands.forEach(visit);
      instruction(comparison);
    } else {
      visit(e);
      steps.push({ kind: "number", value: 0 });
      instruction(f64.ne);
    }
  };
  visit(formula);
  return { steps, inputs: countInputs(formula) };
}

/** The parts of a formula that are used more than once. */
function findRepeated(formula: Expression): Set<Expression> {
  const seen = new Set<Expression>();
  const repeated = new Set<Expression>();
  const visit = (e: Expression): void => {
    if (seen.has(e)) return void repeated.add(e);
    seen.add(e);
    e.operands.forEach(visit);
  };
  visit(formula);
  return repeated;
}

function countInputs(formula: Expression): number[] {
  const inputs = [0, 0, 0];
  const visit = (e: Expression): void => {
    if (e.operation === "input") inputs[e.value]!++;
    e.operands.forEach(visit);
  };
  visit(formula);
  return inputs;
}
