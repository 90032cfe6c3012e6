import type { DType } from "../array/dtype.ts";
import type { Value } from "../array/value.ts";
import { SCALAR, type Shape } from "../array/shape.ts";
import { operations } from "../primitives/mod.ts";
import type { Adjoints } from "./adjoints.ts";
import { Drops } from "./drops.ts";
import { printTape } from "./print.ts";
import { sourcesBelow } from "./sources.ts";
import type { Frame, Owner, Read, ReadGuard, Scope, Side } from "./types.ts";

/** Opcodes from here on are leaves: rows without operands. */
export const LEAF = 0xfff0;
/** A value that takes part in a recorded operation but is not differentiated. */
export const CONSTANT = 0xfff0;
/** A differentiated input of a transform. */
export const INPUT = 0xfff1;
/** A trainable Variable. */
export const TRAINABLE = 0xfff2;

const LEAF_NAMES = ["constant", "input", "variable"];

/** More reads than this are not noted: the first ones tell as much. */
const MOST_READS = 64;

/** A tape of this many rows, without a walk, is taken for a mistake. */
const MANY_ROWS = 1 << 22;

/** How many rows there is space for at first. */
const FIRST_SIZE = 1024;

/**
 * The record of operations: a table with one row for each, in the order they were done. A row's operands are
 * earlier rows, so the table is in topological order and walking it backwards needs no sorting.
 */
export class Tape {
  /** The operation of each row. */
  opcodes: Uint16Array = new Uint16Array(FIRST_SIZE);
  /** The first operand of each row, -1 for none. */
  first: Int32Array = new Int32Array(FIRST_SIZE);
  /** The second operand of each row, -1 for none. */
  second: Int32Array = new Int32Array(FIRST_SIZE);
  /** The value of each row of rank 0. */
  values: Float64Array = new Float64Array(FIRST_SIZE);
  /** 1 for rows of dtype float32. */
  narrow: Uint8Array = new Uint8Array(FIRST_SIZE);
  /** The generation each row was recorded in, 0 for a row that was dropped; 64 bits, as 2^32 rewinds take hours only. */
  stamps: Float64Array = new Float64Array(FIRST_SIZE);
  /** How many sides there were before each row; a row has a side if the next number is larger. */
  sideStarts: Int32Array = new Int32Array(FIRST_SIZE + 1);
  /** What rows hold beyond the columns. */
  readonly sides: Side[] = [];
  /** The rows of trainable Variables, ascending. */
  readonly ownerRows: number[] = [];
  /** The trainable Variable of each of those rows. */
  readonly owners: Owner[] = [];
  /** The number of rows. */
  length = 0;
  /**
   * Counts drops of rows by twos, so that a handle can tell whether its row is still the one it was given; odd while a function
   * is recorded without values, so that a handle can tell too whether it was given one.
   */
  generation = 2;
  /** Whether operations are recorded. */
  recording = true;
  /** Rows below this are treated as constants. */
  barrier = 0;
  /** How many transforms are being recorded, one inside the other. */
  depth = 0;
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
    return this.#append(kind, -1, -1, isNumber ? value : 0, dtype === "float32" ? 1 : 0, side);
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
    return this.#append(opcode, first, second, value, dtype === "float32" ? 1 : 0, null);
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
    return this.#append(
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

  #append(
    opcode: number,
    first: number,
    second: number,
    value: number,
    narrow: number,
    side: Side | null,
  ): number {
    const row = this.length;
    if (row === this.opcodes.length) this.#grow();
    this.opcodes[row] = opcode;
    this.first[row] = first;
    this.second[row] = second;
    this.values[row] = value;
    this.narrow[row] = narrow;
    this.stamps[row] = this.generation;
    if (side !== null) this.sides.push(side);
    this.sideStarts[row + 1] = this.sides.length;
    this.length = row + 1;
    return row;
  }

  #grow(): void {
    if (this.length >= MANY_ROWS && this.depth === 0 && !this.#hasWarned) {
      this.#hasWarned = true;
      console.warn(
        `The tape holds ${this.length} rows that no backward() has walked over, and keeps growing: wrap what needs no ` +
          "derivative in noGrad(), or drop the rows with tape.clear()",
      );
    }
    this.#resize(2 * this.opcodes.length);
  }

  #hasWarned = false;

  /** Moves the columns to others of a given size. */
  #resize(size: number): void {
    const move = <A extends Uint16Array | Int32Array | Float64Array | Uint8Array>(column: A, to: A): A => {
      to.set(column.subarray(0, to.length));
      return to;
    };
    this.opcodes = move(this.opcodes, new Uint16Array(size));
    this.first = move(this.first, new Int32Array(size));
    this.second = move(this.second, new Int32Array(size));
    this.values = move(this.values, new Float64Array(size));
    this.narrow = move(this.narrow, new Uint8Array(size));
    this.stamps = move(this.stamps, new Float64Array(size));
    this.sideStarts = move(this.sideStarts, new Int32Array(size + 1));
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
    let owners = this.ownerRows.length;
    while (owners > 0 && this.ownerRows[owners - 1]! >= mark) owners--;
    this.ownerRows.length = owners;
    this.owners.length = owners;
    if (this.blocks.length > 0) this.#cutBlocks(mark);
    this.length = mark;
    this.generation += 2;
    this.adjoints = null;
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
    if (this.opcodes.length > FIRST_SIZE) this.#resize(FIRST_SIZE);
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

  /** What a row holds beyond the columns, if anything. */
  sideOf(row: number): Side | undefined {
    const at = this.sideStarts[row]!;
    return this.sideStarts[row + 1]! > at ? this.sides[at] : undefined;
  }

  /** The value of a row. */
  valueOf(row: number): Value {
    return this.sideOf(row)?.array ?? this.values[row]!;
  }

  /** The shape of a row's value. */
  shapeOf(row: number): Shape {
    return this.sideOf(row)?.array?.shape ?? SCALAR;
  }

  /** The element type of a row's value. */
  dtypeOf(row: number): DType {
    return this.narrow[row] === 1 ? "float32" : "float64";
  }

  /** Whether a row has no operands. */
  isLeaf(row: number): boolean {
    return this.opcodes[row]! >= LEAF;
  }

  /** The rows a row was computed from. */
  operandsOf(row: number): readonly number[] {
    const all = this.sideOf(row)?.operands;
    if (all) return all;
    const first = this.first[row]!;
    const second = this.second[row]!;
    return first < 0 ? [] : second < 0 ? [first] : [first, second];
  }

  /** The name of a row's operation: that of a primitive, or `constant`, `input`, `variable` for a leaf. */
  operationName(row: number): string {
    const opcode = this.opcodes[row]!;
    return opcode >= LEAF ? LEAF_NAMES[opcode - LEAF]! : operations[opcode]!.name;
  }

  /** The name a leaf was given, if any. */
  nameOf(row: number): string | undefined {
    if (this.opcodes[row] !== TRAINABLE) return this.sideOf(row)?.name;
    return this.owners[this.ownerRows.indexOf(row)]?.name;
  }

  /** The derivative by a row that the last `backward({ retainTape: true })` found, if it reached the row. */
  adjointOf(row: number): Value | undefined {
    return this.adjoints?.at(row);
  }

  /**
   * The recorded rows as a table: index, operation, operands, value, name and, after a walk that kept the
   * tape, the adjoint (the derivative of the walked output by that row).
   *
   * @param options.around Prints only the rows near this one
   * @param options.limit How many rows to print at most, 1,000 by default; the middle is left out
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
  toString(options: { around?: number; limit?: number } = {}): string {
    return printTape(this, options);
  }
}

/** The tape that every operation of this library records on. */
export const tape: Tape = new Tape();
