import { message } from "../_internal/message.ts";
import { sameShape, type Shape, sizeOf } from "../array/shape.ts";
import { shapeOfValue, type Value } from "../array/value.ts";
import { fullArray } from "../array/nd_array.ts";
import { operation as op, operations, type Ops } from "../primitives/mod.ts";
import { printValue } from "./print_value.ts";
import { partsOf } from "./parts.ts";
import { type Formula, formulaOps, namedFormula, UNIT, writeFormula } from "./rule_text.ts";
import { CONSTANT } from "./kinds.ts";
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
