import { roundTo } from "../array/dtype.ts";
import type { Value } from "../array/value.ts";
import { fullArray, type NdArray } from "../array/nd_array.ts";
import { sumToShape } from "../array/reduce.ts";
import { sameShape, type Shape } from "../array/shape.ts";
import { eagerOps, operations, shapeOfValue } from "../primitives/mod.ts";
import { Adjoints } from "./adjoints.ts";
import { checkAdjoint, debugging } from "./debug.ts";
import { passBackScalar, walkScalars } from "./scalar_walk.ts";
import { CONSTANT, LEAF, type Tape } from "./tape.ts";

/**
 * Walks the tape backwards from `output` to `mark`, adding up adjoints: the derivatives of the output, or of
 * its sum with `seed` as weights, by each row.
 *
 * @param keep Whether adjoints of intermediate arrays are kept for printing
 */
export function reverseWalk(tape: Tape, mark: number, output: number, seed: Value, keep = false): Adjoints {
  const adjoints = new Adjoints(tape, mark);
  adjoints.add(output, seed);
  const { opcodes, sideStarts } = tape;
  const isDebugging = debugging();
  for (let row = output; row >= mark; row--) {
    if (!isDebugging) row = walkScalars(tape, adjoints, row);
    if (row < mark || opcodes[row]! >= LEAF) continue;
    if (!isDebugging && sideStarts[row + 1] === sideStarts[row]) passBackScalar(tape, adjoints, row);
    else {
      if (!passBack(tape, adjoints, row)) adjoints.skipped++;
      if (!keep) adjoints.drop(row);
    }
  }
  return adjoints;
}

/** Adds a row's adjoint, times its partial derivatives, to the adjoints of its operands; false if it has none. */
function passBack(tape: Tape, adjoints: Adjoints, row: number): boolean {
  const g = adjoints.at(row);
  if (g === undefined) return false;
  const operation = operations[tape.opcodes[row]!]!;
  const operands = tape.operandsOf(row);
  const wanted = operands.map((r) => r >= adjoints.mark && tape.opcodes[r] !== CONSTANT);
  const inputs = operands.map((r) => tape.valueOf(r));
  const attributes = tape.sideOf(row)?.attributes;
  const { accumulate } = operation.primitive;
  const [target] = inputs;
  if (accumulate !== undefined && wanted[0] && !debugging() && typeof target === "object") {
    accumulate(adjoints.own(operands[0]!, target.shape, tape.dtypeOf(operands[0]!)), g, attributes, inputs);
    wanted[0] = false;
  }
  if (!wanted.includes(true)) return true;
  const output = tape.valueOf(row);
  const dtype = tape.dtypeOf(row);
  const parts = operation.scalar !== null
    ? wanted.map((asked, k) => asked ? operation.partial(k)?.evaluate(g, inputs, output, dtype) : undefined)
    : operation.pullBack(operation.context(eagerOps[dtype], inputs, output, attributes), g, wanted);
  parts.forEach((part, k) => {
    if (part === undefined) return;
    if (debugging()) checkAdjoint(tape, row, k, part, g);
    const operand = operands[k]!;
    adjoints.add(operand, fit(part, shapeOfValue(inputs[k]!), tape.dtypeOf(operand)));
  });
  return true;
}

/** Brings a contribution into an operand's shape and dtype, summing over axes that were broadcast. */
function fit(part: Value, shape: Shape, dtype: "float64" | "float32"): Value {
  if (typeof part === "number") {
    return shape.length === 0 ? roundTo(dtype, part) : fullArray(shape, part, dtype);
  }
  const summed: NdArray = sameShape(part.shape, shape) ? part : sumToShape(part, shape);
  return shape.length === 0 ? roundTo(dtype, summed.data[0]!) : summed.cast(dtype);
}
