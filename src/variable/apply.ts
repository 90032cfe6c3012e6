import { message } from "../_internal/message.ts";
import { type DType, promote, roundTo } from "../array/dtype.ts";
import type { Value } from "../array/value.ts";
import { arrayFrom, fullArray, type NestedNumbers } from "../array/nd_array.ts";
import type { Operation } from "../primitives/mod.ts";
import { CONSTANT, tape } from "../tape/mod.ts";
import type { Operand, Variable } from "./variable.ts";

/**
 * The class of handles. Its methods record, and what is recorded is returned as a handle, so one of the two has
 * to be told of the other: the class registers itself as soon as it is there.
 */
let Handle: typeof Variable;

/** Tells which class handles are made of. */
export function registerHandle(handle: typeof Variable): void {
  Handle = handle;
}

/** A Variable that no derivative flows through. */
export function untracked(value: Value, dtype: DType): Variable {
  return new Handle(value, dtype, -1);
}

/** A handle to a row that is on the tape. */
export function handleOf(row: number): Variable {
  const handle = new Handle(tape.valueOf(row), tape.dtypeOf(row), row);
  handle.stamp = tape.stamps[row]!;
  return handle;
}

/** The value without the handle. */
export function plainValue(x: Variable): Value {
  return x.array ?? x.number;
}

/** Zeros of a Variable's shape and dtype. */
export function zerosLike(x: Variable): Value {
  return x.array === null ? 0 : fullArray(x.array.shape, 0, x.dtype);
}

/**
 * Reads numbers as a constant, in the given dtype or in that of the data.
 *
 * @throws {TypeError} If the value is neither a Variable nor numbers
 */
export function toVariable(x: Operand, dtype?: DType): Variable {
  if (x instanceof Handle) return x;
  if (typeof x === "number") {
    return untracked(dtype === undefined ? x : roundTo(dtype, x), dtype ?? "float64");
  }
  const array = arrayFrom(x, dtype ?? undefined);
  return untracked(array.shape.length === 0 ? array.data[0]! : array, array.dtype);
}

/**
 * The row of a Variable, -1 if derivatives by it are not wanted. A trainable one is put on the tape when it
 * is first used.
 *
 * @throws {TypeError} If its row has been dropped from the tape
 */
export function rowOf(x: Variable): number {
  if (x.row >= 0) {
    if (x.row < tape.length && tape.stamps[x.row] === x.stamp) return x.row < tape.barrier ? -1 : x.row;
    if (!x.trainable) {
      throw new TypeError(
        message`Cannot use a stale Variable (${x.toString()}): its row was dropped from
        the tape when the walk over it ended; compute it again, keep the tape with backward({ retainTape:
        true }), or read it with .value`,
      );
    }
  }
  if (x.state === null || !x.state.trainable || !tape.recording) return -1;
  x.row = tape.ownedLeaf(x, plainValue(x), x.dtype);
  x.stamp = tape.generation;
  return x.row;
}

/** The row to record for an operand: its own, or a fresh leaf for a constant. */
function operandRow(x: Variable, row: number): number {
  return row >= 0 ? row : tape.leaf(CONSTANT, plainValue(x), x.dtype, x.name);
}

/** Does a unary element-wise operation. */
export function unary(operation: Operation, x: Operand): Variable {
  if (!(x instanceof Handle) || x.array !== null) return apply(operation, [x], undefined);
  const dtype = x.dtype;
  const raw = operation.scalar!(x.number);
  const value = dtype === "float64" ? raw : Math.fround(raw);
  const row = tape.recording ? rowOf(x) : -1;
  return new Handle(
    value,
    dtype,
    row < 0 ? -1 : tape.recordScalar(operation.opcode, row, -1, value, dtype),
  );
}

/** Does a binary element-wise operation. */
export function binary(operation: Operation, x: Operand, y: Operand): Variable {
  if (x instanceof Handle && x.array === null) {
    if (y instanceof Handle) {
      if (y.array === null) {
        const dtype = x.dtype === y.dtype ? x.dtype : "float64";
        const raw = operation.scalar!(x.number, y.number);
        const value = dtype === "float64" ? raw : Math.fround(raw);
        if (!tape.recording) return new Handle(value, dtype, -1);
        let a = rowOf(x);
        let b = rowOf(y);
        if (a < 0 && b < 0) return new Handle(value, dtype, -1);
        if (a < 0) a = tape.leaf(CONSTANT, x.number, x.dtype, x.name);
        if (b < 0) b = tape.leaf(CONSTANT, y.number, y.dtype, y.name);
        return new Handle(value, dtype, tape.recordScalar(operation.opcode, a, b, value, dtype));
      }
    } else if (typeof y === "number") {
      const dtype = x.dtype;
      const raw = operation.scalar!(x.number, y);
      const value = dtype === "float64" ? raw : Math.fround(raw);
      const a = tape.recording ? rowOf(x) : -1;
      if (a < 0) return new Handle(value, dtype, -1);
      const b = tape.leaf(CONSTANT, y, dtype);
      return new Handle(value, dtype, tape.recordScalar(operation.opcode, a, b, value, dtype));
    }
  }
  return apply(operation, [x, y], undefined);
}

/** Does any operation: computes the value, and records a row if derivatives by an operand are wanted. */
export function apply(operation: Operation, operands: readonly Operand[], attributes: unknown): Variable {
  const untyped = operation.primitive.untyped;
  let strong: DType | undefined;
  for (let k = 0; k < operands.length; k++) {
    const x = operands[k]!;
    if (isWeak(x) || untyped?.includes(k)) continue;
    const dtype = x instanceof Handle ? x.dtype : arrayFrom(x).dtype;
    strong = strong === undefined || strong === dtype ? dtype : "float64";
  }
  const dtype = operation.primitive.dtype?.(attributes) ?? strong ?? "float64";
  const inputs: Variable[] = [];
  for (let k = 0; k < operands.length; k++) {
    const x = operands[k]!;
    inputs.push(x instanceof Handle ? x : toVariable(x, isWeak(x) ? strong ?? dtype : undefined));
  }
  const value = operation.evaluate(inputs.map(plainValue), attributes, dtype);
  if (!tape.recording) return untracked(value, dtype);
  const rows = inputs.map(rowOf);
  if (rows.every((row) => row < 0)) return untracked(value, dtype);
  const all = rows.map((row, k) => operandRow(inputs[k]!, row));
  return new Handle(value, dtype, tape.record(operation.opcode, all, value, dtype, attributes));
}

/** Reads operands together: plain numbers in the dtype of the others. */
export function toVariables(...operands: Operand[]): Variable[] {
  const strong = operands.filter((x) => !isWeak(x)).map((x) => toVariable(x));
  const dtype = strong.length === 0 ? undefined : strong.map((x) => x.dtype).reduce(promote);
  return operands.map((x) => toVariable(x, isWeak(x) ? dtype : undefined));
}

/** Plain numbers, alone or nested, take the dtype of the other operands. */
export function isWeak(x: Operand): x is NestedNumbers {
  return typeof x === "number" || Array.isArray(x);
}
