import type { DType } from "../array/dtype.ts";
import { SCALAR, type Shape } from "../array/shape.ts";
import type { Value } from "../array/value.ts";
import type { Side } from "./types.ts";

/** Opcodes from here on are leaves: rows without operands. */
export const LEAF = 0xfff0;
/** A value that takes part in a recorded operation but is not differentiated. */
export const CONSTANT = 0xfff0;
/** A differentiated input of a transform. */
export const INPUT = 0xfff1;
/** A trainable Variable. */
export const TRAINABLE = 0xfff2;

/** A tape of this many rows, without a walk, is taken for a mistake. */
const MANY_ROWS = 1 << 22;

/** How many rows there is space for at first. */
export const FIRST_SIZE = 1024;

/** The columns of the tape: one number of each for every row, in arrays that grow by doubling. */
export class Rows {
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
  /** The number of rows. */
  length = 0;
  /**
   * Counts drops of rows by twos, so that a handle can tell whether its row is still the one it was given; odd while a function
   * is recorded without values, so that a handle can tell too whether it was given one.
   */
  generation = 2;
  /** How many transforms are being recorded, one inside the other. */
  depth = 0;

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

  /** Appends a row. */
  protected append(
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
    this.resize(2 * this.opcodes.length);
  }

  #hasWarned = false;

  /** Moves the columns to others of a given size. */
  protected resize(size: number): void {
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
}
