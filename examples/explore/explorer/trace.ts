/** What the explorer shows: the rows of a tape, and the walk backwards over them. */
import { type Explanation, tape, type Value, variable } from "../../../mod.ts";
import { type Program, record } from "./expression.ts";
import { isFinite, shapeOf } from "./values.ts";

/** A row as it is shown. */
export interface Row {
  readonly row: number;
  readonly operation: string;
  readonly operands: readonly number[];
  readonly value: Value;
  readonly name: string | undefined;
  readonly kind: "variable" | "constant" | "operation";
  /** The function that is composed of this row and others. */
  readonly group: string | undefined;
  readonly explanations: readonly Explanation[];
  /** The rows that read this one, one entry for each use. */
  readonly users: readonly number[];
  /** Whether f depends on it. */
  readonly isUsed: boolean;
}

/** A part that a row hands to an operand, in the order of the walk. */
export interface Part {
  readonly from: number;
  readonly to: number;
  /** Which operand it is. */
  readonly place: number;
  readonly value: Value;
  /** What the operand has been handed before, and with this part. */
  readonly before: Value | undefined;
  readonly total: Value;
}

/** A recording with its walk. */
export interface Trace {
  readonly rows: readonly Row[];
  readonly output: number;
  readonly steps: readonly {
    readonly row: number;
    readonly adjoint: Value;
    readonly parts: readonly Part[];
  }[];
  /** The first row whose value is not finite. */
  readonly firstBad: number | undefined;
  /** Whether any row holds an array. */
  readonly hasArrays: boolean;
}

/** Records a program with numbers for its variables, and walks back. */
export function traceOf(program: Program, values: ReadonlyMap<string, number>): Trace {
  tape.clear();
  try {
    const variables = new Map(
      program.variables.map((name) => [name, variable(values.get(name) ?? 1, { name })]),
    );
    const f = record(program, variables);
    // A formula that is a variable alone has no row of its own yet.
    const output = tape.rowOf(f) ?? tape.rowOf(f.mul(1))!;
    const steps = stepsFrom(output);
    const reached = new Set(steps.map(({ row }) => row));
    const rows = Array.from({ length: tape.length }, (_, row) => rowAt(row, reached));
    return {
      rows,
      output,
      steps,
      firstBad: rows.find(({ value }) => !isFinite(value))?.row,
      hasArrays: rows.some(({ value }) => shapeOf(value).length > 0),
    };
  } finally {
    tape.clear();
  }
}

function rowAt(row: number, reached: ReadonlySet<number>): Row {
  const operation = tape.operationName(row);
  const isLeaf = tape.isLeaf(row);
  const users: number[] = [];
  for (let other = row + 1; other < tape.length; other++) {
    for (const operand of tape.operandsOf(other)) if (operand === row) users.push(other);
  }
  return {
    row,
    operation,
    operands: [...tape.operandsOf(row)],
    value: tape.valueOf(row),
    name: tape.nameOf(row),
    kind: isLeaf ? operation === "variable" ? "variable" : "constant" : "operation",
    group: tape.notes.groups.findLast(({ start, end }) => start <= row && row < end)?.name,
    explanations: tape.explain(row),
    users,
    isUsed: reached.has(row),
  };
}

function stepsFrom(output: number): Trace["steps"] {
  const totals = new Map<number, Value>();
  return Array.from(tape.walk(output), ({ row, adjoint, parts }) => ({
    row,
    adjoint,
    parts: parts.flatMap(({ operand, part, total }, place): Part[] => {
      if (part === undefined || total === undefined) return [];
      const before = totals.get(operand);
      totals.set(operand, total);
      return [{ from: row, to: operand, place, value: part, before, total }];
    }),
  }));
}
