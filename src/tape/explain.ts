/** What a tape tells: its rows in tables, what a row hands on, the steps of a walk. */
import { message } from "../_internal/message.ts";
import { range } from "../_internal/range.ts";
import { htmlTable } from "../_internal/show.ts";
import { fullArray } from "../array/nd_array.ts";
import { sameShape, type Shape, sizeOf } from "../array/shape.ts";
import { shapeOfValue, type Value } from "../array/value.ts";
import { operation as op, operations, type Ops } from "../primitives/mod.ts";
import { partsOf } from "./adjoints.ts";
import { CONSTANT } from "./rows.ts";
import { type Formula, formulaOps, namedFormula, printValue, UNIT, writeFormula } from "./rule_text.ts";
import type { Tape } from "./tape.ts";

/** The chain rule at one operand of a row. */
export interface Explanation {
  /** The row of the operand. */
  readonly operand: number;
  /** What the texts call it: its name, or its row, `%3`. */
  readonly name: string;
  /**
   * The derivative of the row by the operand, in names: `%9 · (1 - %9)`. Where one of them is an array, what the rule
   * makes of the row's adjoint, which is called `g`: `matmul(g, transpose(w))`, or `sum(g)` for an operand that was spread
   * out over the row's shape.
   */
  readonly rule: string;
  /** The same in numbers: `0.5622 · (1 - 0.5622)`; of arrays, the shape and the first elements. */
  readonly numbers: string;
  /** The value of the rule, where row and operand are numbers. */
  readonly local: number | undefined;
  /** What the row hands on to the operand: its adjoint times that derivative. Undefined before a walk, and for constants. */
  readonly part: Value | undefined;
}

/** A step of the walk backwards: a row whose adjoint is complete hands on its parts. */
export interface WalkStep {
  /** The row. */
  readonly row: number;
  /** Its adjoint, the derivative of the output by the row: all that it was handed, added up. */
  readonly adjoint: Value;
  /** What it hands to each operand, with the sum of what that has been handed so far. */
  readonly parts: readonly (Explanation & { readonly total: Value | undefined })[];
}

/** The chain rule at each operand of a row; see `Tape.explain`. */
export function explainRow(tape: Tape, row: number, adjoint: Value | undefined): Explanation[] {
  checkRow(tape, row, "explain");
  if (tape.isLeaf(row)) return [];
  const operands = tape.operandsOf(row);
  const wanted = operands.map((operand) => tape.opcodes[operand] !== CONSTANT);
  const parts = adjoint === undefined ? [] : partsOf(tape, row, adjoint, wanted);
  const formulas = rulesOf(tape, row, adjoint);
  return operands.map((operand, k) => {
    const formula = formulas[k] ?? { ...UNIT, value: 0, name: "0" };
    const isScalar = tape.shapeOf(row).length === 0 && tape.shapeOf(operand).length === 0;
    return {
      operand,
      name: nameIn(tape, operand),
      rule: writeFormula(formula, ({ name, value }) => name ?? printValue(value)),
      numbers: writeFormula(formula, ({ value }) => printValue(value, 4)),
      local: isScalar && typeof formula.value === "number" ? formula.value : undefined,
      part: parts[k],
    };
  });
}

/** The walk backwards from a row, step by step; see `Tape.walk`. */
export function* walkSteps(tape: Tape, output: number): Generator<WalkStep, void, unknown> {
  checkRow(tape, output, "walk back from");
  if (tape.shapeOf(output).length > 0) {
    throw new TypeError(
      message`Cannot walk back from row ${output}: its shape is ${
        tape.shapeOf(output)
      }, only a number has a gradient`,
    );
  }
  const adjoints = new Map<number, Value>([[output, 1]]);
  for (let row = output; row >= 0; row--) {
    const adjoint = adjoints.get(row);
    if (adjoint === undefined) continue;
    const parts = explainRow(tape, row, adjoint).map((explanation) => {
      const { operand, part } = explanation;
      const before = adjoints.get(operand);
      const total = part === undefined
        ? before
        : before === undefined
        ? part
        : sum(tape, operand, before, part);
      if (total !== undefined) adjoints.set(operand, total);
      return { ...explanation, total };
    });
    yield { row, adjoint, parts };
  }
}

function sum(tape: Tape, row: number, x: Value, y: Value): Value {
  return op.add.evaluate([x, y], undefined, tape.dtypeOf(row));
}

/** What the rules of a row make of its adjoint: of 1 where it is a number, so that the derivatives themselves are left. */
function rulesOf(tape: Tape, row: number, adjoint: Value | undefined): readonly (Formula | undefined)[] {
  const operation = operations[tape.opcodes[row]!]!;
  const operands = tape.operandsOf(row);
  const output = tape.valueOf(row);
  const inputs = operands.map((operand) => namedFormula(nameIn(tape, operand), tape.valueOf(operand)));
  const result = namedFormula(nameIn(tape, row), output);
  const isScalar = [row, ...operands].every((r) => tape.shapeOf(r).length === 0);
  const g = isScalar ? UNIT : namedFormula("g", adjoint ?? onesLike(output));
  const ops = formulaOps(tape.dtypeOf(row));
  const context = operation.context(
    ops,
    inputs,
    result,
    tape.sideOf(row)?.attributes,
  );
  return operation.display(context, g).map((formula, k) =>
    formula === undefined ? undefined : sumSpread(ops, formula, tape.shapeOf(operands[k]!))
  );
}

/** What a rule gives, summed over the axes along which the operand was broadcast: the engine does it after each rule. */
function sumSpread(ops: Ops<Formula>, formula: Formula, shape: Shape): Formula {
  const given = shapeOfValue(formula.value);
  if (sameShape(given, shape) || sizeOf(given) <= sizeOf(shape)) return formula;
  const added = given.length - shape.length;
  const axes = given.keys().filter((axis) => axis < added || given[axis] !== shape[axis - added]).toArray();
  const summed = ops.sum(formula, { axes, keepDims: false });
  return sameShape(shapeOfValue(summed.value), shape) ? summed : ops.reshape(summed, { shape });
}

/** An adjoint of the right shape, where the walk has brought none yet. */
function onesLike(value: Value): Value {
  return typeof value === "number" ? 1 : fullArray(value.shape, 1, value.dtype);
}

function nameIn(tape: Tape, row: number): string {
  return tape.nameOf(row) ?? `%${row}`;
}

function checkRow(tape: Tape, row: number, what: string): void {
  if (Number.isInteger(row) && row >= 0 && row < tape.length) return;
  throw new RangeError(message`Cannot ${what} row ${row}: the tape has ${tape.length} rows`);
}

/** How many rows a notebook shows. */
const SHOWN_ROWS = 60;

/** The table of a tape in HTML, with the derivatives of each row. */
export function htmlTape(tape: Tape): string {
  const rows = chooseRows(tape.length, SHOWN_ROWS);
  const left = tape.length - rows.length;
  const table = tableOf(tape, rows, true);
  return `${htmlTable(table[0]!, table.slice(1))}${
    left > 0 ? `<p>${left} rows in the middle are left out</p>` : ""
  }`;
}

/** Writes the rows of a tape as a table; see `Tape.toString`. */
export function printTape(
  tape: Tape,
  { around, limit = 1000, rules = false }: { around?: number; limit?: number; rules?: boolean },
): string {
  if (around !== undefined && !(Number.isInteger(around) && around >= 0 && around < tape.length)) {
    throw new RangeError(message`Cannot print around row ${around}: the tape has ${tape.length} rows`);
  }
  if (!(limit >= 1)) throw new RangeError(message`Cannot print the tape: limit is ${limit}, use at least 1`);
  const rows = around === undefined
    ? chooseRows(tape.length, limit)
    : range(Math.max(0, around - 5), Math.min(tape.length, around + 6));
  const table = tableOf(tape, rows, rules);
  const widths = table[0]!.map((_, i) => Math.max(...table.map((line) => line[i]!.length)));
  const lines = table.map((line) => line.map((cell, i) => cell.padEnd(widths[i]!)).join("  ").trimEnd());
  const gap = rows.findIndex((row, i) => i > 0 && row !== rows[i - 1]! + 1);
  if (gap > 0) lines.splice(gap + 1, 0, `… ${rows[gap]! - rows[gap - 1]! - 1} rows left out …`);
  return lines.join("\n");
}

/** The cells of a table, the header first. */
function tableOf(tape: Tape, rows: readonly number[], rules: boolean): string[][] {
  const header = ["row", "operation", "operands", "value", "name"];
  if (tape.notes.groups.length > 0) header.push("function");
  if (tape.adjoints !== null) header.push("adjoint");
  if (rules) header.push("derivatives by the operands");
  const cells = rows.map((row) => {
    const line = [
      String(row),
      tape.operationName(row),
      tape.operandsOf(row).map((r) => `%${r}`).join(" "),
      printValue(tape.valueOf(row)),
      tape.nameOf(row) ?? "",
    ];
    if (tape.notes.groups.length > 0) line.push(groupsOf(tape, row));
    const adjoint = tape.adjointOf(row);
    if (tape.adjoints !== null) line.push(adjoint === undefined ? "" : printValue(adjoint));
    if (rules) line.push(printRules(tape, row));
    return line;
  });
  return [header, ...cells];
}

/** The functions that have recorded a row, the outer one first. */
function groupsOf(tape: Tape, row: number): string {
  return tape.notes.groups.filter(({ start, end }) => start <= row && row < end).toReversed().map((
    { name },
  ) => name).join(" ");
}

/** The derivatives of a row by its operands: by name, and in numbers where these say more. */
function printRules(tape: Tape, row: number): string {
  return explainRow(tape, row, undefined).map(({ name, rule, numbers, local }) => {
    const value = local === undefined ? numbers : printValue(local);
    return `${name}: ${rule}${value === rule ? "" : ` = ${value}`}`;
  }).join("; ");
}

function chooseRows(length: number, limit: number): number[] {
  if (length <= limit) return range(0, length);
  const head = Math.ceil(limit / 2);
  return [...range(0, head), ...range(length - (limit - head), length)];
}
