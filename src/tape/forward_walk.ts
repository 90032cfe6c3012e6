import { type DType, roundTo } from "../array/dtype.ts";
import type { Value } from "../array/value.ts";
import { broadcastArray } from "../array/strided_copy.ts";
import { fullArray } from "../array/nd_array.ts";
import { sameShape, type Shape } from "../array/shape.ts";
import {
  eagerOps,
  numberOf,
  type Operation,
  operation as op,
  operations,
  shapeOfValue,
} from "../primitives/mod.ts";
import { checkTangent, debugging } from "./debug.ts";
import { LEAF } from "./rows.ts";
import type { Tape } from "./tape.ts";

/** The tangents of one walk: how fast each row changes along a direction of the inputs. */
export class Tangents {
  /** The first row of the walk. */
  readonly mark: number;
  /** The tangents of rows of rank 0. */
  readonly numbers: Float64Array;
  /** 1 for each row of rank 0 that has a tangent. */
  readonly reached: Uint8Array;
  readonly #arrays = new Map<number, Value>();

  /** Starts without any tangent, for the rows from `mark` to the end. */
  constructor(tape: Tape, mark: number) {
    this.mark = mark;
    this.numbers = new Float64Array(tape.length - mark);
    this.reached = new Uint8Array(tape.length - mark);
  }

  /** The tangent of a row; undefined where it is zero because the row depends on no input that moves. */
  at(row: number): Value | undefined {
    const i = row - this.mark;
    if (i < 0) return undefined;
    return this.reached[i] === 1 ? this.numbers[i] : this.#arrays.get(row);
  }

  /** Sets the tangent of a row; the value has the row's shape. */
  set(row: number, value: Value): void {
    if (typeof value !== "number") {
      this.#arrays.set(row, value);
      return;
    }
    this.numbers[row - this.mark] = value;
    this.reached[row - this.mark] = 1;
  }
}

/**
 * Walks the tape forwards from `mark`, pushing the tangents of the inputs through every row that depends on
 * them.
 *
 * @param tangents Holds those of the inputs; gets those of all other rows
 */
export function forwardWalk(tape: Tape, mark: number, tangents: Tangents): void {
  const { opcodes, first, second, values, sideStarts, narrow, length } = tape;
  const { numbers, reached } = tangents;
  const isDebugging = debugging();
  for (let row = mark; row < length; row++) {
    const opcode = opcodes[row]!;
    if (opcode >= LEAF) continue;
    if (isDebugging || sideStarts[row + 1] !== sideStarts[row]) {
      pushForward(tape, tangents, row);
      continue;
    }
    const a = first[row]!;
    const b = second[row]!;
    const movesA = a >= mark && reached[a - mark] === 1;
    const movesB = b >= mark && reached[b - mark] === 1;
    if (!movesA && !movesB) continue;
    const operation = operations[opcode]!;
    let tangent = 0;
    let found = false;
    if (movesA) {
      const rule = operation.scalarPartial(0);
      if (rule !== null) {
        found = true;
        tangent = b < 0
          ? rule(numbers[a - mark]!, values[a]!, values[row]!)
          : rule(numbers[a - mark]!, values[a]!, values[b]!, values[row]!);
      }
    }
    if (movesB) {
      const rule = operation.scalarPartial(1);
      if (rule !== null) {
        found = true;
        tangent += rule(numbers[b - mark]!, values[a]!, values[b]!, values[row]!);
      }
    }
    if (!found) continue;
    numbers[row - mark] = narrow[row] === 1 ? Math.fround(tangent) : tangent;
    reached[row - mark] = 1;
  }
}

/** Computes the tangent of one row from those of its operands. */
function pushForward(tape: Tape, tangents: Tangents, row: number): void {
  const operands = tape.operandsOf(row);
  const moved = operands.map((operand) => tangents.at(operand));
  if (moved.every((tangent) => tangent === undefined)) return;
  const operation = operations[tape.opcodes[row]!]!;
  const inputs = operands.map((r) => tape.valueOf(r));
  const output = tape.valueOf(row);
  const dtype = tape.dtypeOf(row);
  const total = operation.scalar !== null
    ? pushElementwise(operation, moved, inputs, output, dtype)
    : operation.pushForward(
      operation.context(eagerOps[dtype], inputs, output, tape.sideOf(row)?.attributes),
      moved,
    );
  if (total === undefined) return;
  const tangent = fit(total, shapeOfValue(output), dtype);
  if (debugging()) checkTangent(tape, row, tangent);
  tangents.set(row, tangent);
}

/** The tangent of the result of an element-wise operation. */
function pushElementwise(
  operation: Operation,
  moved: readonly (Value | undefined)[],
  inputs: readonly Value[],
  output: Value,
  dtype: DType,
): Value | undefined {
  const parts = moved.flatMap((tangent, k) => {
    const partial = tangent === undefined ? null : operation.partial(k);
    return partial === null ? [] : [partial.evaluate(tangent!, inputs, output, dtype)];
  });
  if (parts.length === 0) return undefined;
  return parts.reduce((sum, part) => op.add.evaluate([sum, part], undefined, dtype));
}

/** Brings a tangent into the shape and dtype of its row. */
function fit(tangent: Value, shape: Shape, dtype: DType): Value {
  if (shape.length === 0) return roundTo(dtype, numberOf(tangent));
  if (typeof tangent === "number") return fullArray(shape, tangent, dtype);
  return (sameShape(tangent.shape, shape) ? tangent : broadcastArray(tangent, shape)).cast(dtype);
}
