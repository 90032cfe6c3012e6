import type { DType } from "../array/dtype.ts";
import type { Value } from "../array/value.ts";
import type { NdArray } from "../array/nd_array.ts";
import { SCALAR, type Shape } from "../array/shape.ts";
import { operations } from "../primitives/mod.ts";
import type { Adjoints } from "./adjoints.ts";
import { printTape } from "./print.ts";

/** Opcodes from here on are leaves: rows without operands. */
export const LEAF = 0xfff0;
/** A value that takes part in a recorded operation but is not differentiated. */
export const CONSTANT = 0xfff0;
/** A differentiated input of a transform. */
export const INPUT = 0xfff1;
/** A trainable Variable. */
export const TRAINABLE = 0xfff2;

const LEAF_NAMES = ["constant", "input", "variable"];

/** What a row holds beyond two operands and a number. */
export interface Side {
  /** The value, where it is not of rank 0. */
  readonly array: NdArray | null;
  /** Attributes of the operation. */
  readonly attributes: unknown;
  /** All operands, where there are more than two. */
  readonly operands: readonly number[] | null;
  /** The name of a leaf that stands for no trainable Variable. */
  readonly name: string | undefined;
}

/** What a leaf may stand for. */
export interface Owner {
  /** Its name. */
  readonly name: string | undefined;
}

/** Is asked before a value is read out of a Variable, while a function is recorded for other values too. */
export interface ReadGuard {
  /**
   * Throws if the value would not be right for every call that the recording serves.
   *
   * @param variable The Variable, of which the row is known here
   * @param how The method or property, for messages
   */
  read(variable: { readonly row: number; readonly stamp: number }, how: string): void;
}

/** A place on the tape to rewind to. */
export interface Frame {
  /** The first row of the frame. */
  readonly mark: number;
  /** What the enclosing frame had reached. */
  readonly outerLowest: number;
  /** Whether the enclosing frame had met a trainable Variable. */
  readonly outerTrainable: boolean;
  /** Rows below this were passive for the enclosing frame. */
  readonly outerBarrier: number;
  /** Whether the enclosing frame recorded. */
  readonly outerRecording: boolean;
}

/**
 * The record of operations: a table with one row for each, in the order they were done. A row's operands are
 * earlier rows, so the table is in topological order and walking it backwards needs no sorting.
 */
export class Tape {
  /** The operation of each row. */
  opcodes: Uint16Array = new Uint16Array(1024);
  /** The first operand of each row, -1 for none. */
  first: Int32Array = new Int32Array(1024);
  /** The second operand of each row, -1 for none. */
  second: Int32Array = new Int32Array(1024);
  /** The value of each row of rank 0. */
  values: Float64Array = new Float64Array(1024);
  /** 1 for rows of dtype float32. */
  narrow: Uint8Array = new Uint8Array(1024);
  /** The generation each row was recorded in. */
  stamps: Uint32Array = new Uint32Array(1024);
  /** How many sides there were before each row; a row has a side if the next number is larger. */
  sideStarts: Int32Array = new Int32Array(1025);
  /** What rows hold beyond the columns. */
  readonly sides: Side[] = [];
  /** The rows of trainable Variables, ascending. */
  readonly ownerRows: number[] = [];
  /** The trainable Variable of each of those rows. */
  readonly owners: Owner[] = [];
  /** The number of rows. */
  length = 0;
  /** Counts rewinds, so that a handle can tell whether its row is still the one it was given. */
  generation = 1;
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
    const size = 2 * this.opcodes.length;
    const widen = <A extends Uint16Array | Int32Array | Float64Array | Uint8Array | Uint32Array>(
      column: A,
      to: A,
    ): A => {
      to.set(column);
      return to;
    };
    this.opcodes = widen(this.opcodes, new Uint16Array(size));
    this.first = widen(this.first, new Int32Array(size));
    this.second = widen(this.second, new Int32Array(size));
    this.values = widen(this.values, new Float64Array(size));
    this.narrow = widen(this.narrow, new Uint8Array(size));
    this.stamps = widen(this.stamps, new Uint32Array(size));
    this.sideStarts = widen(this.sideStarts, new Int32Array(size + 1));
  }

  /** Drops all rows from `mark` on; handles to them are stale from now on. */
  rewind(mark: number): void {
    if (mark >= this.length) return;
    this.sides.length = this.sideStarts[mark]!;
    let owners = this.ownerRows.length;
    while (owners > 0 && this.ownerRows[owners - 1]! >= mark) owners--;
    this.ownerRows.length = owners;
    this.owners.length = owners;
    this.length = mark;
    this.generation++;
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
    this.rewind(0);
    this.lowest = Infinity;
    this.metTrainable = false;
  }

  /** Starts a frame whose rows can be dropped together. */
  enter(): Frame {
    const frame = {
      mark: this.length,
      outerLowest: this.lowest,
      outerTrainable: this.metTrainable,
      outerBarrier: this.barrier,
      outerRecording: this.recording,
    };
    if (!this.recording) this.barrier = this.length;
    this.recording = true;
    this.lowest = Infinity;
    this.metTrainable = false;
    this.depth++;
    return frame;
  }

  /** Ends a frame, dropping its rows unless something outside still depends on them. */
  leave(frame: Frame, keepRows: boolean): void {
    if (!keepRows) this.rewind(frame.mark);
    this.lowest = keepRows ? Math.min(frame.outerLowest, this.lowest) : frame.outerLowest;
    this.metTrainable = frame.outerTrainable || (keepRows && this.metTrainable);
    this.barrier = frame.outerBarrier;
    this.recording = frame.outerRecording;
    this.depth--;
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
