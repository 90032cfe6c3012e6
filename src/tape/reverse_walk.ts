/** The walk backwards: over rows of arrays one by one, over those of single numbers in generated code. */
import { CAN_COMPILE, compileFunction, toJavaScript } from "../array/elementwise/expression.ts";
import type { Value } from "../array/value.ts";
import { type Operation, operations } from "../primitives/mod.ts";
import { Adjoints, partsOf } from "./adjoints.ts";
import { checkAdjoint, debugging } from "./debug.ts";
import { CONSTANT, LEAF } from "./rows.ts";
import type { Tape } from "./tape.ts";

// The walk over rows of single numbers as one loop of generated code, in which the rules of the operations stand
// in-line. Which operations is learned from the tapes that are walked: a rule that is used often is written into it.

/** An operation that has been met this often is written into the loop. */
const OFTEN = 256;

/**
 * Walks back from a row over rows of single numbers, up to one that it can't do.
 *
 * @returns That row, or `mark - 1` at the end
 */
type ScalarWalk = (
  row: number,
  mark: number,
  opcodes: Uint16Array,
  first: Int32Array,
  second: Int32Array,
  values: Float64Array,
  sideStarts: Int32Array,
  numbers: Float64Array,
  reached: Uint8Array,
  adjoints: Adjoints,
) => number;

const counts: number[] = [];
const written: Operation[] = [];
let walk: ScalarWalk | null = null;

/** Walks back from a row as far as the generated loop goes, and returns the first row that is left. */
export function walkScalars(tape: Tape, adjoints: Adjoints, row: number): number {
  if (walk === null) return row;
  const { opcodes, first, second, values, sideStarts } = tape;
  const { mark, numbers, reached } = adjoints;
  return walk(row, mark, opcodes, first, second, values, sideStarts, numbers, reached, adjoints);
}

/** Passes the adjoint of one row of a single number back to its operands. */
export function passBackScalar(tape: Tape, adjoints: Adjoints, row: number): void {
  const { opcodes, first, second, values } = tape;
  const { mark, numbers, reached } = adjoints;
  if (reached[row - mark] === 0) {
    adjoints.skipped++;
    return;
  }
  const operation = operations[opcodes[row]!]!;
  const g = numbers[row - mark]!;
  const [a, b, output] = [first[row]!, second[row]!, values[row]!];
  const x = values[a]!;
  const isBinary = b >= 0;
  for (let k = 0; k < (isBinary ? 2 : 1); k++) {
    const operand = k === 0 ? a : b;
    const rule = operation.scalarPartial(k);
    if (rule === null || operand < mark || opcodes[operand] === CONSTANT) continue;
    numbers[operand - mark]! += isBinary ? rule(g, x, values[b]!, output) : rule(g, x, output);
    reached[operand - mark] = 1;
  }
  notice(operation);
}

/** Counts the rows of an operation that the loop has not got. */
function notice(operation: Operation): void {
  const { opcode } = operation;
  counts[opcode] = (counts[opcode] ?? 0) + 1;
  if (counts[opcode] !== OFTEN || !CAN_COMPILE) return;
  written.push(operation);
  walk = writeWalk(written);
}

/** Writes the loop for some operations. */
function writeWalk(known: readonly Operation[]): ScalarWalk {
  const cases = known.map((operation) => {
    const arity = operation.primitive.arity as 1 | 2;
    return `case ${operation.opcode}: ${writeRule(operation, 0)}${
      arity === 2 ? writeRule(operation, 1) : ""
    }continue;`;
  });
  const body = `for (; row >= mark; row--) {
    const opcode = opcodes[row];
    if (opcode >= ${LEAF}) continue;
    if (sideStarts[row + 1] !== sideStarts[row]) return row;
    if (reached[row - mark] === 0) { adjoints.skipped++; continue; }
    const g = numbers[row - mark], a = first[row], b = second[row];
    switch (opcode) {
      ${cases.join("\n      ")}
      default: return row;
    }
  }
  return row;`;
  const parameters = [
    "row",
    "mark",
    "opcodes",
    "first",
    "second",
    "values",
    "sideStarts",
    "numbers",
    "reached",
  ];
  return compileFunction([...parameters, "adjoints"], body) as ScalarWalk;
}

/** The statement that passes g on to operand k. */
function writeRule(operation: Operation, k: 0 | 1): string {
  const formula = operation.partial(k)?.formula;
  if (formula === undefined) return "";
  const operand = k === 0 ? "a" : "b";
  const inputs = ["g", "values[a]", ...operation.primitive.arity === 2 ? ["values[b]"] : [], "values[row]"];
  const { statements, result } = toJavaScript(formula, inputs);
  return `if (${operand} >= mark && opcodes[${operand}] !== ${CONSTANT}) { ${statements}numbers[${operand} - mark] += ${result}; reached[${operand} - mark] = 1; } `;
}

/**
 * Walks the tape backwards from `output` to `mark`, adding up adjoints: the derivatives of the output, or of
 * its sum with `seed` as weights, by each row.
 *
 * @param keep Whether adjoints of intermediate arrays are kept for printing
 */
export function reverseWalk(tape: Tape, mark: number, output: number, seed: Value, keep = false): Adjoints {
  const adjoints = new Adjoints(tape, mark);
  adjoints.add(output, seed);
  const { opcodes, sideStarts } = tape;
  const isDebugging = debugging();
  for (let row = output; row >= mark; row--) {
    if (!isDebugging) row = walkScalars(tape, adjoints, row);
    if (row < mark || opcodes[row]! >= LEAF) continue;
    if (!isDebugging && sideStarts[row + 1] === sideStarts[row]) passBackScalar(tape, adjoints, row);
    else {
      if (!passBack(tape, adjoints, row)) adjoints.skipped++;
      if (!keep) adjoints.drop(row);
    }
  }
  return adjoints;
}

/** Adds a row's adjoint, times its partial derivatives, to the adjoints of its operands; false if it has none. */
function passBack(tape: Tape, adjoints: Adjoints, row: number): boolean {
  const g = adjoints.at(row);
  if (g === undefined) return false;
  const operands = tape.operandsOf(row);
  const wanted = operands.map((r) => r >= adjoints.mark && tape.opcodes[r] !== CONSTANT);
  const { accumulate } = operations[tape.opcodes[row]!]!.primitive;
  if (accumulate !== undefined && wanted[0] && !debugging()) {
    const inputs = operands.map((r) => tape.valueOf(r));
    const [target] = inputs;
    if (typeof target === "object") {
      const into = adjoints.own(operands[0]!, target.shape, tape.dtypeOf(operands[0]!));
      accumulate(into, g, tape.sideOf(row)?.attributes, inputs);
      wanted[0] = false;
    }
  }
  if (!wanted.includes(true)) return true;
  partsOf(tape, row, g, wanted).forEach((part, k) => {
    if (part === undefined) return;
    if (debugging()) checkAdjoint(tape, row, k, part, g);
    adjoints.add(operands[k]!, part);
  });
  return true;
}
