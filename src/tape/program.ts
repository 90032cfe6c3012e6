import type { DType } from "../array/dtype.ts";
import type { Value } from "../array/value.ts";
import type { Shape } from "../array/shape.ts";
import { type Operation, operations } from "../primitives/mod.ts";
import { CONSTANT, INPUT, type Tape, TRAINABLE } from "./tape.ts";

/** One row of a program. */
export interface ProgramRow {
  /**
   * `"input"`; `"operation"`, which depends on an input; `"outer"`, which depends on no input but on a trainable
   * Variable or a row from before the function; or `"constant"`, which depends on nothing.
   */
  readonly kind: "input" | "operation" | "outer" | "constant";
  /** The operation; null for the other kinds. */
  readonly operation: Operation | null;
  /** What it was computed from: indices of earlier rows of the program. */
  readonly operands: readonly number[];
  /** The attributes of the operation. */
  readonly attributes: unknown;
  /** The value as it was recorded. */
  readonly value: Value;
  /** The shape of the value. */
  readonly shape: Shape;
  /** The element type of the value. */
  readonly dtype: DType;
  /** Where the row stood on the tape. */
  readonly row: number;
}

/** A recorded function, cut out of the tape: what its outputs need, operands before what uses them. */
export interface Program {
  /** The rows. */
  readonly rows: readonly ProgramRow[];
  /** The row of each input. */
  readonly inputs: readonly number[];
  /** The row of each output. */
  readonly outputs: readonly number[];
}

const NEEDED = 1;
const INNER = 2;
const OUTER = 4;

/**
 * Cuts a function out of the tape. Rows that no output needs are left out; rows that depend on no input become
 * leaves, with the value they had.
 *
 * @param mark The first row of the function; everything below is outer
 * @param outputs The rows of its outputs
 * @param inputs The rows of its inputs, at or above the mark or below it
 */
export function cutProgram(
  tape: Tape,
  mark: number,
  outputs: readonly number[],
  inputs: readonly number[],
): Program {
  const rows: ProgramRow[] = [];
  const places = new Map<number, number>();
  const add = (row: number, kind: ProgramRow["kind"]): number => {
    let place = places.get(row);
    if (place !== undefined) return place;
    const isOperation = kind === "operation";
    place = rows.push({
      kind,
      operation: isOperation ? operations[tape.opcodes[row]!]! : null,
      operands: isOperation ? tape.operandsOf(row).map(placeOf) : [],
      attributes: isOperation ? tape.sideOf(row)?.attributes : undefined,
      value: tape.valueOf(row),
      shape: tape.shapeOf(row),
      dtype: tape.dtypeOf(row),
      row,
    }) - 1;
    places.set(row, place);
    return place;
  };
  const placeOf = (row: number): number => places.get(row) ?? add(row, kindOf(row));
  const kindOf = (row: number): ProgramRow["kind"] => {
    if (row < mark) return "outer";
    const f = flags[row - mark]!;
    return (f & INNER) !== 0 ? "operation" : (f & OUTER) !== 0 ? "outer" : "constant";
  };
  const inputPlaces = inputs.map((row) => add(row, "input"));
  const end = Math.max(mark, ...outputs.map((row) => row + 1));
  const flags = flagRows(tape, mark, end, outputs, new Set(inputs));
  const wanted = NEEDED | INNER;
  for (let row = mark; row < end; row++) {
    if ((flags[row - mark]! & wanted) === wanted) placeOf(row);
  }
  return { rows, inputs: inputPlaces, outputs: outputs.map(placeOf) };
}

function flagRows(
  tape: Tape,
  mark: number,
  end: number,
  outputs: readonly number[],
  inputs: ReadonlySet<number>,
): Uint8Array {
  const flags = new Uint8Array(end - mark);
  for (let row = mark; row < end; row++) {
    let f = 0;
    if (inputs.has(row)) f = INNER;
    else if (tape.opcodes[row] === TRAINABLE) f = OUTER;
    else if (!tape.isLeaf(row)) {
      for (const operand of tape.operandsOf(row)) {
        if (inputs.has(operand)) f |= INNER;
        else f |= operand < mark ? OUTER : flags[operand - mark]!;
      }
    }
    flags[row - mark] = f;
  }
  for (const row of outputs) if (row >= mark) flags[row - mark]! |= NEEDED;
  for (let row = end - 1; row >= mark; row--) {
    if ((flags[row - mark]! & NEEDED) === 0 || tape.isLeaf(row) || inputs.has(row)) continue;
    for (const operand of tape.operandsOf(row)) if (operand >= mark) flags[operand - mark]! |= NEEDED;
  }
  return flags;
}

/**
 * Writes a program onto the tape again, with the values it was recorded with; all leaves but the inputs become
 * constants.
 *
 * @returns The row on the tape of each row of the program
 */
export function appendProgram(tape: Tape, program: Program): number[] {
  const places: number[] = [];
  for (const { kind, operation, operands, attributes, value, dtype } of program.rows) {
    if (operation === null) {
      places.push(tape.leaf(kind === "input" ? INPUT : CONSTANT, value, dtype));
      continue;
    }
    const rows = operands.map((i) => places[i]!);
    const isScalar = typeof value === "number" && operation.scalar !== null && rows.length <= 2 &&
      attributes === undefined;
    places.push(
      isScalar
        ? tape.recordScalar(operation.opcode, rows[0]!, rows[1] ?? -1, value, dtype)
        : tape.record(operation.opcode, rows, value, dtype, attributes),
    );
  }
  return places;
}
