import type { Expression } from "../../array/elementwise/expression.ts";
import * as special from "../../array/elementwise/scalar_math.ts";
import { flatIndex, sizeOf } from "../../array/shape.ts";
import { type Graph, type Node, nodesOf } from "../graph/nodes.ts";
import { assemble, type Assembly } from "../passes/assemble_blocks.ts";
import { formulaOf } from "../plan/fusion.ts";
import { f64, select } from "../wasm/writer.ts";
import { operation as op } from "../../primitives/mod.ts";

/** Scalar functions that are one instruction. */
export const ARITHMETIC: { readonly [name: string]: () => unknown } = {
  add: f64.add,
  sub: f64.sub,
  mul: f64.mul,
  div: f64.div,
  min: f64.min,
  max: f64.max,
  neg: f64.neg,
  abs: f64.abs,
  sqrt: f64.sqrt,
  floor: f64.floor,
  ceil: f64.ceil,
  trunc: f64.trunc,
  round: f64.nearest,
};

/** Scalar functions that are one comparison. */
export const COMPARISONS: { readonly [name: string]: () => unknown } = {
  eq: f64.eq,
  ne: f64.ne,
  lt: f64.lt,
  le: f64.le,
  gt: f64.gt,
  ge: f64.ge,
};

/** A function of plain numbers. */
export type NumberFunction = (...x: number[]) => number;

/** The JavaScript function that code calls for a scalar function without an instruction. */
export function importedFunction(name: string): NumberFunction | undefined {
  return (special as unknown as Record<string, NumberFunction>)[name] ??
    (Math as unknown as Record<string, NumberFunction>)[name];
}

function canEmit(expression: Expression): boolean {
  const { operation } = expression;
  const known = operation === "input" || operation === "number" || operation === "select" ||
    operation in ARITHMETIC || operation in COMPARISONS ||
    (expression.operands.length <= 3 && importedFunction(operation) !== undefined);
  return known && expression.operands.every(canEmit);
}

/** Where one element of an array stands: the array's node and the position in it. */
export interface ElementRead {
  readonly array: Node;
  readonly position: number;
}

/** What a node of one element is read from, if it is a part of an input or constant array. */
export function elementRead(node: Node): ElementRead | null {
  let current = node;
  while (current.operation === op.reshape && current.operands[0]!.operation !== null) {
    current = current.operands[0]!;
  }
  if (current.operation === op.reshape) return { array: current.operands[0]!, position: 0 };
  if (!op.slice.is(current)) return null;
  const source = arrayOf(current.operands[0]!);
  if (source === null) return null;
  const { begin } = current.attributes;
  return { array: source, position: flatIndex(begin, current.operands[0]!.shape) };
}

/** The input or constant that a node is, apart from its shape. */
function arrayOf(node: Node): Node | null {
  let current = node;
  while (current.operation === op.reshape) current = current.operands[0]!;
  return current.operation === null ? current : null;
}

/** Whether a node puts single elements together to an array. */
export function isAssembly(node: Node): boolean {
  return (node.operation === assemble || node.operation === op.place || node.operation === op.concat) &&
    node.operands.every((o) => sizeOf(o.shape) === 1);
}

/** Inputs and constants of more elements than this are not handed out as results one by one. */
const LARGEST_COPIED = 4096;

/** Whether every row of a program works on single numbers, so that it can become straight-line code. */
export function isScalarProgram(graph: Graph): boolean {
  const outputs = new Set(graph.outputs.map(arrayRoot));
  return nodesOf(graph).every((node) => {
    if (node.operation === null) return !outputs.has(node) || sizeOf(node.shape) <= LARGEST_COPIED;
    if (outputs.has(node) && isAssembly(node)) return true;
    if (node.operation === op.reshape && isAssembly(arrayRoot(node))) return outputs.has(arrayRoot(node));
    if (sizeOf(node.shape) !== 1) return node.operation === op.reshape && arrayOf(node) !== null;
    if (node.operation === op.reshape) return true;
    if (node.operation === op.slice) return elementRead(node) !== null;
    if (node.operands.some((o) => sizeOf(o.shape) !== 1)) return false;
    const formula = formulaOf(node);
    return formula !== null && canEmit(formula);
  });
}

/** A node without the reshapes around it. */
export function arrayRoot(node: Node): Node {
  let current = node;
  while (current.operation === op.reshape) current = current.operands[0]!;
  return current;
}

/** How many operands the function of that name takes. */
export function importArity(name: string): number {
  const f = importedFunction(name)!;
  return name === "pow" || name === "atan2" || name === "hypot" ? 2 : f.length;
}

/** Where each part of an assembled array goes. */
export function assemblyPositions(node: Node): number[] {
  if (node.operation === op.concat) return node.operands.map((_, i) => i);
  if (op.place.is(node)) {
    const { begin, shape } = node.attributes;
    return [flatIndex(begin, shape)];
  }
  const { shape, begins } = node.attributes as Assembly;
  return begins.map((begin) => flatIndex(begin, shape));
}

/** One element of an input or constant that is itself a result. */
export function elementNode(array: Node, position: number): Node {
  const flat: Node = {
    operation: op.reshape,
    operands: [array],
    attributes: { shape: [sizeOf(array.shape)] },
    shape: [sizeOf(array.shape)],
    dtype: array.dtype,
    input: -1,
    value: null,
  };
  return {
    operation: op.slice,
    operands: [flat],
    attributes: { begin: [position], size: [1] },
    shape: [1],
    dtype: array.dtype,
    input: -1,
    value: null,
  };
}

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
