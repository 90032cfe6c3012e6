import { showAs } from "../_internal/show.ts";
import type { DType } from "../array/dtype.ts";
import type { Value } from "../array/value.ts";
import { operations } from "../primitives/mod.ts";
import type { Adjoints } from "./adjoints.ts";
import { Drops, Notes } from "./notes.ts";
import { explainRow, type Explanation, htmlTape, printTape, type WalkStep, walkSteps } from "./explain.ts";
import { FIRST_SIZE, LEAF, Rows, TRAINABLE } from "./rows.ts";
import { sourcesBelow } from "./dependences.ts";
import type { Frame, Owner, Read, ReadGuard, Scope } from "./types.ts";

const LEAF_NAMES = ["constant", "input", "variable"];

/** How many rows `console.log` prints. */
const SHOWN_ROWS = 40;

/** More reads than this are not noted: the first ones tell as much. */
const MOST_READS = 64;

/**
 * The record of operations: a table with one row for each, in the order they were done. A row's operands are
 * earlier rows, so the table is in topological order and walking it backwards needs no sorting.
 */
export class Tape extends Rows {
  /** The rows of trainable Variables, ascending. */
  readonly ownerRows: number[] = [];
  /** The trainable Variable of each of those rows. */
  readonly owners: Owner[] = [];
  /** Whether operations are recorded. */
  recording = true;
  /** Rows below this are treated as constants. */
  barrier = 0;
  /** The lowest operand recorded in the current frame. */
  lowest: number = Infinity;
  /** Whether the current frame has met a trainable Variable. */
  metTrainable = false;
  /** Is asked when a value is read; null where values may be read freely. */
  guard: ReadGuard | null = null;
  /** Whether a function is recorded of which the values are not known yet, only shapes and dtypes. */
  withoutValues = false;
  /** @internal What has dropped rows lately. */
  readonly drops: Drops = new Drops();
  /** The rows that functions have left on the tape together, ascending; see {@linkcode frame}. */
  blocks: { readonly mark: number; readonly end: number }[] = [];
  /** @internal The rows that other graphs than the one walked last have, and the bytes of their arrays. */
  staying: { readonly rows: number; readonly bytes: number } = { rows: 0, bytes: 0 };
  /** Names of rows in between, and the functions that recorded them. */
  readonly notes: Notes = new Notes();
  /** What has been read out of Variables in the current frame. */
  reads: Read[] | null = null;
  /** The adjoints of the last walk that kept the tape. */
  adjoints: Adjoints | null = null;

  /** Appends a leaf and returns its row. */
  leaf(kind: number, value: Value, dtype: DType, name?: string): number {
    const isNumber = typeof value === "number";
    const side = isNumber && name === undefined
      ? null
      : { array: isNumber ? null : value, attributes: undefined, operands: null, name };
    return this.append(kind, -1, -1, isNumber ? value : 0, dtype === "float32" ? 1 : 0, side);
  }

  /** Appends the leaf of a trainable Variable and returns its row. */
  ownedLeaf(owner: Owner, value: Value, dtype: DType): number {
    const row = this.leaf(TRAINABLE, value, dtype);
    this.ownerRows.push(row);
    this.owners.push(owner);
    this.metTrainable = true;
    return row;
  }

  /** Appends an operation on rank-0 operands with a rank-0 result; `second` is -1 for one operand. */
  recordScalar(opcode: number, first: number, second: number, value: number, dtype: DType): number {
    if (first < this.lowest) this.lowest = first;
    if (second >= 0 && second < this.lowest) this.lowest = second;
    return this.append(opcode, first, second, value, dtype === "float32" ? 1 : 0, null);
  }

  /** Appends any other operation. */
  record(
    opcode: number,
    operands: readonly number[],
    value: Value,
    dtype: DType,
    attributes: unknown,
  ): number {
    for (const operand of operands) if (operand < this.lowest) this.lowest = operand;
    const isNumber = typeof value === "number";
    return this.append(
      opcode,
      operands[0] ?? -1,
      operands[1] ?? -1,
      isNumber ? value : 0,
      dtype === "float32" ? 1 : 0,
      {
        array: isNumber ? null : value,
        attributes,
        operands: operands.length > 2 ? operands : null,
        name: undefined,
      },
    );
  }

  /**
   * Drops all rows from `mark` on; handles to them are stale from now on.
   *
   * @param call Which call drops them, for messages
   */
  rewind(mark: number, call: string = "a transform"): void {
    if (mark >= this.length) return;
    this.drops.add(this.generation, mark, call);
    this.sides.length = this.sideStarts[mark]!;
    this.ownerRows.length = this.owners.length = this.ownersBelow(mark);
    if (this.blocks.length > 0) this.#cutBlocks(mark);
    this.notes.rewind(mark);
    if (this.staying.rows > mark) this.staying = { rows: 0, bytes: 0 };
    this.length = mark;
    this.generation += 2;
    this.adjoints = null;
  }

  /** @internal How many of the trainable Variables have their rows below a mark. */
  ownersBelow(mark: number): number {
    let count = this.ownerRows.length;
    while (count > 0 && this.ownerRows[count - 1]! >= mark) count--;
    return count;
  }

  /**
   * Drops all rows, for code that records on trainable Variables without walking backward.
   *
   * @throws {TypeError} If called inside a function being differentiated
   */
  clear(): void {
    if (this.depth > 0) {
      throw new TypeError(
        "Cannot clear the tape: a function is being differentiated, clear it outside of grad()",
      );
    }
    this.rewind(0, "tape.clear()");
    this.lowest = Infinity;
    this.metTrainable = false;
    if (this.opcodes.length > FIRST_SIZE) this.resize(FIRST_SIZE);
  }

  #cutBlocks(end: number): void {
    this.blocks = this.blocks.filter(({ mark }) => mark < end).map((block) => ({
      mark: block.mark,
      end: Math.min(block.end, end),
    }));
  }

  /** Whether what is recorded is to serve for other values too, so that every row is kept. */
  get isTracing(): boolean {
    return this.guard !== null;
  }

  /** Runs a function with other settings; the earlier ones are back at the end, also when it throws. */
  scope<R>(settings: Scope, f: () => R): R {
    const { recording, barrier, guard, withoutValues } = this;
    this.recording = settings.recording ?? recording;
    this.barrier = settings.barrier ?? barrier;
    this.guard = settings.guard ?? guard;
    this.#goWithoutValues(settings.withoutValues ?? withoutValues);
    try {
      return f();
    } finally {
      this.recording = recording;
      this.barrier = barrier;
      this.guard = guard;
      this.#goWithoutValues(withoutValues);
    }
  }

  #goWithoutValues(without: boolean): void {
    if (without !== this.withoutValues) this.generation++;
    this.withoutValues = without;
  }

  /**
   * Runs a function in a frame: what it records is dropped at the end, also when it throws, unless it asks to keep
   * the rows.
   *
   * @param call The function that asks for it, for messages
   */
  frame<R>(call: string, f: (frame: Frame) => R): R {
    const { lowest, metTrainable, barrier, recording, reads } = this;
    const frame: Frame = { mark: this.length, keepsRows: false };
    if (!recording) this.barrier = this.length;
    this.recording = true;
    this.lowest = Infinity;
    this.metTrainable = false;
    this.reads = null;
    this.depth++;
    let keepsRows = false;
    try {
      const result = f(frame);
      keepsRows = frame.keepsRows;
      return result;
    } finally {
      this.depth--;
      this.#endReads(frame.mark, reads);
      if (!keepsRows) this.rewind(frame.mark, call);
      this.lowest = keepsRows ? Math.min(lowest, this.lowest) : lowest;
      this.metTrainable = metTrainable || (keepsRows && this.metTrainable);
      this.barrier = barrier;
      this.recording = recording;
      if (keepsRows && this.depth === 0) this.blocks.push({ mark: frame.mark, end: this.length });
    }
  }

  /** Goes back to the reads of an enclosing frame; what the inner frame had from outside was read in it too. */
  #endReads(mark: number, outer: Read[] | null): void {
    const inner = this.reads;
    this.reads = outer;
    if (this.depth === 0 || inner === null) return;
    for (const { row, stamp, how } of inner) {
      if (row >= this.length || this.stamps[row] !== stamp) continue;
      for (const source of sourcesBelow(this, row, mark)) {
        this.noteRead({ row: source, stamp: this.stamps[source]!, how });
      }
    }
  }

  /** Notes that a value was read out of a Variable, so that a derivative that is lost by it can be told. */
  noteRead(read: Read): void {
    // What is printed outside of all functions, and a branch, lose nothing.
    if (this.depth === 0 || read.how === ".truthy()") return;
    this.reads ??= [];
    if (this.reads.length < MOST_READS) this.reads.push(read);
  }

  /** The name of a row's operation: that of a primitive, or `constant`, `input`, `variable` for a leaf. */
  operationName(row: number): string {
    const opcode = this.opcodes[row]!;
    return opcode >= LEAF ? LEAF_NAMES[opcode - LEAF]! : operations[opcode]!.name;
  }

  /** The name a row was given, if any. */
  nameOf(row: number): string | undefined {
    const given = this.notes.names.get(row);
    if (given !== undefined) return given;
    if (this.opcodes[row] !== TRAINABLE) return this.sideOf(row)?.name;
    return this.owners[this.ownerRows.indexOf(row)]?.name;
  }

  /** The derivative by a row that the last `backward({ retainTape: true })` found, if it reached the row. */
  adjointOf(row: number): Value | undefined {
    return this.adjoints?.at(row);
  }

  /**
   * The row of a Variable; undefined if it is not on the tape, or not any more.
   *
   * @param variable A Variable
   *
   * @example
   * ```ts
   * import { tape, variable } from "@tapegrad/tapegrad";
   *
   * const y = variable(3).square();
   * console.log(tape.rowOf(y)); // 1
   * tape.clear();
   * ```
   */
  rowOf(variable: { readonly row: number; readonly stamp: number }): number | undefined {
    const { row, stamp } = variable;
    return row >= 0 && row < this.length && this.stamps[row] === stamp ? row : undefined;
  }

  /**
   * Notes under the name of a function what it records, for tables and pictures: of functions that are composed of
   * others, which record several rows.
   */
  group<R>(name: string, f: () => R): R {
    let start = this.length;
    const result = f();
    while (start < this.length && this.isLeaf(start)) start++;
    if (this.length > start + 1) this.notes.groups.push({ name, start, end: this.length });
    return result;
  }

  /**
   * The chain rule at each operand of a row, in names, in numbers and as values: what the walk backwards does there. It
   * is written by the same rules that compute derivatives.
   *
   * @param row A row of the tape
   * @returns One explanation for each operand; none for a leaf. `part` is there after `backward({ retainTape: true })`
   * @throws {RangeError} If the tape has no such row
   *
   * @example
   * ```ts
   * import { tape, variable } from "@tapegrad/tapegrad";
   *
   * const x = variable(3, { name: "x" });
   * const w = variable(2, { name: "w" });
   * const f = x.mul(w).sin();
   * f.backward({ retainTape: true });
   * const [ofX] = tape.explain(tape.rowOf(f)! - 1); // the product
   * console.log(ofX!.name, ofX!.rule, ofX!.numbers, ofX!.local, ofX!.part); // x w 2 2 1.92...
   * tape.clear();
   * ```
   */
  explain(row: number): Explanation[] {
    return explainRow(this, row, this.adjoints?.at(row));
  }

  /**
   * The walk backwards from a number, step by step: each row that the number depends on, with its adjoint and what it
   * hands on to its operands. Nothing on the tape changes.
   *
   * @param output The row to walk back from, as `tape.rowOf(f)` gives it
   * @throws {RangeError} If the tape has no such row
   * @throws {TypeError} If its value is an array
   *
   * @example
   * ```ts
   * import { tape, variable } from "@tapegrad/tapegrad";
   *
   * const x = variable(3, { name: "x" });
   * for (const { row, adjoint, parts } of tape.walk(tape.rowOf(x.mul(x).neg())!)) {
   *   console.log(row, adjoint, parts.map(({ name, rule, part }) => `${name}: ${rule}, ${part}`));
   * }
   * // 2 1 ["%1: -1, -1"]
   * // 1 -1 ["x: x, -3", "x: x, -3"]
   * // 0 -6 []
   * tape.clear();
   * ```
   */
  walk(output: number): Generator<WalkStep, void, unknown> {
    return walkSteps(this, output);
  }

  /**
   * The recorded rows as a table: index, operation, operands, value, name and, after a walk that kept the
   * tape, the adjoint (the derivative of the walked output by that row).
   *
   * @param options.around Prints only the rows near this one
   * @param options.limit How many rows to print at most, 1,000 by default; the middle is left out
   * @param options.rules Adds the derivatives of each row by its operands, by name and in numbers
   *
   * @example
   * ```ts
   * import { tape, variable } from "@tapegrad/tapegrad";
   *
   * const x = variable(3, { name: "x" });
   * x.mul(x).backward({ retainTape: true });
   * console.log(tape.toString());
   * tape.clear();
   * ```
   */
  override toString(options: { around?: number; limit?: number; rules?: boolean } = {}): string {
    return printTape(this, options);
  }
}

showAs(
  Tape.prototype,
  (all) => all.length === 0 ? "The tape is empty" : all.toString({ limit: SHOWN_ROWS }),
  htmlTape,
);

/** The tape that every operation of this library records on. */
export const tape: Tape = new Tape();
