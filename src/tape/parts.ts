import { roundTo } from "../array/dtype.ts";
import { fullArray, type NdArray } from "../array/nd_array.ts";
import { sumToShape } from "../array/reduce.ts";
import { sameShape, type Shape } from "../array/shape.ts";
import type { Value } from "../array/value.ts";
import { eagerOps, operations, shapeOfValue } from "../primitives/mod.ts";
import type { Tape } from "./tape.ts";

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
