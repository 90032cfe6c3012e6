/** The adjoints of a walk, and what rows hand on of theirs. */
import { type DType, roundTo } from "../array/dtype.ts";
import { fullArray, type NdArray } from "../array/nd_array.ts";
import { sumToShape } from "../array/reductions.ts";
import { sameShape, type Shape } from "../array/shape.ts";
import type { Value } from "../array/value.ts";
import { eagerOps, operations, shapeOfValue } from "../primitives/mod.ts";
import type { Tape } from "./tape.ts";

/** The adjoints of one walk, kept apart from the tape: a second walk starts afresh. */
export class Adjoints {
  /** The lowest row that was walked to. */
  readonly mark: number;
  /** The adjoints of rows of rank 0. */
  readonly numbers: Float64Array;
  /** 1 for each row of rank 0 that has an adjoint. */
  readonly reached: Uint8Array;
  /** How many operations the walk passed by, as the output does not depend on them or not smoothly. */
  skipped = 0;
  /** The adjoints of other rows. */
  readonly #arrays = new Map<number, NdArray>();
  /** The rows whose array belongs to this walk alone, so that it may be added to in place. */
  readonly #owned = new Set<number>();

  /** Starts without any adjoint, for the rows from `mark` to the end. */
  constructor(tape: Tape, mark: number) {
    this.mark = mark;
    this.numbers = new Float64Array(tape.length - mark);
    this.reached = new Uint8Array(tape.length - mark);
  }

  /** The adjoint of a row, if it has one. */
  at(row: number): Value | undefined {
    const i = row - this.mark;
    return this.reached[i] === 1 ? this.numbers[i] : this.#arrays.get(row);
  }

  /** Adds to the adjoint of a row; the value has the row's shape. */
  add(row: number, value: Value): void {
    if (typeof value === "number") {
      this.numbers[row - this.mark]! += value;
      this.reached[row - this.mark] = 1;
      return;
    }
    const known = this.#arrays.get(row);
    if (known === undefined) this.#arrays.set(row, value);
    else {
      const to = this.own(row, known.shape, known.dtype);
      for (let i = 0; i < to.data.length; i++) to.data[i]! += value.data[i]!;
    }
  }

  /** The adjoint of an array row, zeros if it has none yet, to be added to in place. */
  own(row: number, shape: Shape, dtype: DType): NdArray {
    let array = this.#arrays.get(row);
    if (array !== undefined && this.#owned.has(row)) return array;
    array = array === undefined ? fullArray(shape, 0, dtype) : array.clone();
    this.#arrays.set(row, array);
    this.#owned.add(row);
    return array;
  }

  /** Forgets the adjoint of an array row that has been passed on, so that its memory can be used again. */
  drop(row: number): void {
    this.#arrays.delete(row);
  }
}

/**
 * What a row hands on to its operands: its adjoint times its partial derivatives, in their shapes and dtypes.
 *
 * @param wanted The operands of which it is asked for
 */
export function partsOf(
  tape: Tape,
  row: number,
  g: Value,
  wanted: readonly boolean[],
): readonly (Value | undefined)[] {
  const operation = operations[tape.opcodes[row]!]!;
  const operands = tape.operandsOf(row);
  const inputs = operands.map((r) => tape.valueOf(r));
  const output = tape.valueOf(row);
  const dtype = tape.dtypeOf(row);
  const attributes = tape.sideOf(row)?.attributes;
  const parts = operation.scalar !== null
    ? wanted.map((asked, k) => asked ? operation.partial(k)?.evaluate(g, inputs, output, dtype) : undefined)
    : operation.pullBack(operation.context(eagerOps[dtype], inputs, output, attributes), g, wanted);
  return parts.map((part, k) =>
    part === undefined ? undefined : fit(part, shapeOfValue(inputs[k]!), tape.dtypeOf(operands[k]!))
  );
}

/** Brings a contribution into an operand's shape and dtype, summing over axes that were broadcast. */
function fit(part: Value, shape: Shape, dtype: "float64" | "float32"): Value {
  if (typeof part === "number") {
    return shape.length === 0 ? roundTo(dtype, part) : fullArray(shape, part, dtype);
  }
  const summed: NdArray = sameShape(part.shape, shape) ? part : sumToShape(part, shape);
  return shape.length === 0 ? roundTo(dtype, summed.data[0]!) : summed.cast(dtype);
}
