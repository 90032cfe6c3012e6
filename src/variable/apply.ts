/** How operations on Variables are done: the value is computed, and a row recorded where derivatives are wanted. */
import type { DType } from "../array/dtype.ts";
import { unknownValue } from "../array/deferred_array.ts";
import type { Value } from "../array/value.ts";
import { computeScalar, type Operation, operation as op } from "../primitives/mod.ts";
import { CONSTANT, tape } from "../tape/mod.ts";
import { readTyped, takesOtherDtype } from "./operands.ts";
import { isUnknown, knownNumber, operandRow, plainValue, rowOf } from "./rows.ts";
import { type Operand, untracked, Variable } from "./variable.ts";

/** Does a unary element-wise operation. */
export function unary(operation: Operation, x: Operand): Variable {
  if (!(x instanceof Variable) || x.array !== null) return apply(operation, [x], undefined);
  const dtype = x.dtype;
  const value = rounded(computeScalar(operation, x.number, 0), dtype);
  const row = tape.recording ? rowOf(x) : untrackedRow(x);
  if (row < 0) return new Variable(value, dtype, -1);
  return new Variable(value, dtype, tape.recordScalar(operation.opcode, row, -1, value, dtype));
}

/** Does a binary element-wise operation. */
export function binary(operation: Operation, x: Operand, y: Operand): Variable {
  if (!(x instanceof Variable) || x.array !== null) return apply(operation, [x, y], undefined);
  if (typeof y === "number") return withNumber(operation, x, y);
  if (!(y instanceof Variable) || y.array !== null) return apply(operation, [x, y], undefined);
  let dtype = x.dtype;
  if (dtype !== y.dtype) {
    if (takesOtherDtype(x) || takesOtherDtype(y)) return apply(operation, [x, y], undefined);
    dtype = "float64";
  }
  const value = rounded(computeScalar(operation, x.number, y.number), dtype);
  if (!tape.recording) return new Variable(value, dtype, untrackedRow(x) && untrackedRow(y));
  let a = rowOf(x);
  let b = rowOf(y);
  if (a < 0 || b < 0) {
    if (a < 0 && b < 0) return new Variable(value, dtype, -1);
    if (a < 0) a = tape.leaf(CONSTANT, x.number, x.dtype, x.name);
    else b = tape.leaf(CONSTANT, y.number, y.dtype, y.name);
  }
  return new Variable(value, dtype, tape.recordScalar(operation.opcode, a, b, value, dtype));
}

/** Does a binary element-wise operation of a single number and a plain one, which takes its dtype. */
function withNumber(operation: Operation, x: Variable, y: number): Variable {
  const dtype = x.dtype;
  const value = rounded(computeScalar(operation, x.number, y), dtype);
  const a = tape.recording ? rowOf(x) : untrackedRow(x);
  if (a < 0) return new Variable(value, dtype, -1);
  const b = tape.leaf(CONSTANT, y, dtype);
  return new Variable(value, dtype, tape.recordScalar(operation.opcode, a, b, value, dtype));
}

function rounded(value: number, dtype: DType): number {
  return dtype === "float64" ? value : Math.fround(value);
}

/** No row, for an operand of an operation that is not recorded; refuses a number that is not known. */
function untrackedRow(x: Variable): -1 {
  knownNumber(x);
  return -1;
}

/** Does any operation: computes the value, and records a row if derivatives by an operand are wanted. */
export function apply<B>(
  operation: Operation<B>,
  operands: readonly Operand[],
  attributes: NoInfer<B>,
): Variable {
  const { primitive } = operation;
  const { variables, dtype: common } = readTyped(operands, primitive.untyped, operation.scalar !== null);
  if (common !== undefined) castNumbers(variables, common, primitive.untyped);
  const dtype = primitive.dtype?.(attributes) ?? common ?? "float64";
  const value = evaluate(operation, variables, attributes, dtype);
  if (!tape.recording) return untracked(value, dtype);
  const rows = variables.map(rowOf);
  if (rows.every((row) => row < 0)) return untracked(value, dtype);
  const all = rows.map((row, k) => operandRow(variables[k]!, row));
  return new Variable(value, dtype, tape.record(operation.opcode, all, value, dtype, attributes));
}

/** The value of an operation: only its shape, where the value of an operand is not known while recording. */
function evaluate(
  operation: Operation,
  operands: readonly Variable[],
  attributes: unknown,
  dtype: DType,
): Value {
  if (tape.withoutValues && operands.some(isUnknown)) {
    return unknownValue(operation.shape(operands.map((x) => x.shape), attributes), dtype);
  }
  return operation.evaluate(operands.map(plainValue), attributes, dtype);
}

/** Brings Variables that stand for plain numbers into the dtype of the others, recorded. */
function castNumbers(variables: Variable[], dtype: DType, untyped?: readonly number[]): void {
  variables.forEach((x, k) => {
    if (x.dtype === dtype || x.state === null || !takesOtherDtype(x) || untyped?.includes(k)) return;
    variables[k] = apply(op.cast, [x], { dtype });
  });
}
