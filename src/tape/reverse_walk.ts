import { roundTo } from "../array/dtype.ts";
import type { ScalarFunction, Value } from "../array/elementwise/loops.ts";
import { fullArray, type NdArray } from "../array/nd_array.ts";
import { sumToShape } from "../array/reduce.ts";
import { sameShape, type Shape } from "../array/shape.ts";
import { eagerOps, numberOf, operations, type RuleContext, shapeOfValue } from "../primitives/mod.ts";
import { Adjoints } from "./adjoints.ts";
import { checkAdjoint, debugging } from "./debug.ts";
import { CONSTANT, LEAF, type Tape } from "./tape.ts";

/** The compiled scalar rules of each operation, first and second operand; filled when first met. */
const firstPartials: (ScalarFunction | null | undefined)[] = [];
const secondPartials: (ScalarFunction | null | undefined)[] = [];

function scalarPartial(opcode: number, k: number): ScalarFunction | null {
  const operation = operations[opcode]!;
  return operation.vjp(k) === null ? null : operation.partial(k)!.scalar;
}

/**
 * Walks the tape backwards from `output` to `mark`, adding up adjoints: the derivatives of the output, or of
 * its sum with `seed` as weights, by each row.
 *
 * @param keep Whether adjoints of intermediate arrays are kept for printing
 */
export function reverseWalk(tape: Tape, mark: number, output: number, seed: Value, keep = false): Adjoints {
  const adjoints = new Adjoints(tape, mark);
  adjoints.add(output, seed);
  const { opcodes, first, second, values, sideStarts } = tape;
  const { numbers, reached } = adjoints;
  const careful = debugging();
  for (let row = output; row >= mark; row--) {
    const opcode = opcodes[row]!;
    if (opcode >= LEAF) continue;
    if (careful || sideStarts[row + 1] !== sideStarts[row]) {
      passBack(tape, adjoints, row);
      if (!keep) adjoints.drop(row);
      continue;
    }
    if (reached[row - mark] === 0) continue;
    const g = numbers[row - mark]!;
    const a = first[row]!;
    const b = second[row]!;
    let rule = firstPartials[opcode];
    if (rule === undefined) rule = firstPartials[opcode] = scalarPartial(opcode, 0);
    if (b < 0) {
      if (rule !== null && a >= mark && opcodes[a] !== CONSTANT) {
        numbers[a - mark]! += rule(g, values[a]!, values[row]!);
        reached[a - mark] = 1;
      }
      continue;
    }
    if (rule !== null && a >= mark && opcodes[a] !== CONSTANT) {
      numbers[a - mark]! += rule(g, values[a]!, values[b]!, values[row]!);
      reached[a - mark] = 1;
    }
    if (b >= mark && opcodes[b] !== CONSTANT) {
      let other = secondPartials[opcode];
      if (other === undefined) other = secondPartials[opcode] = scalarPartial(opcode, 1);
      if (other !== null) {
        numbers[b - mark]! += other(g, values[a]!, values[b]!, values[row]!);
        reached[b - mark] = 1;
      }
    }
  }
  return adjoints;
}

/** Adds a row's adjoint, times its partial derivatives, to the adjoints of its operands. */
function passBack(tape: Tape, adjoints: Adjoints, row: number): void {
  const g = adjoints.at(row);
  if (g === undefined) return;
  const operation = operations[tape.opcodes[row]!]!;
  const operands = tape.operandsOf(row);
  const inputs = operands.map((r) => tape.valueOf(r));
  const output = tape.valueOf(row);
  const dtype = tape.dtypeOf(row);
  const shape = shapeOfValue(output);
  let context: RuleContext<Value, unknown> | undefined;
  for (let k = 0; k < operands.length; k++) {
    const operand = operands[k]!;
    if (operand < adjoints.mark || tape.opcodes[operand] === CONSTANT) continue;
    const rule = operation.vjp(k);
    if (rule === null) continue;
    const { accumulate } = operation.primitive;
    const target = inputs[k]!;
    if (k === 0 && accumulate !== undefined && !debugging() && typeof target !== "number") {
      const { attributes } = tape.sideOf(row)!;
      accumulate(adjoints.own(operand, target.shape, tape.dtypeOf(operand)), g, attributes, inputs);
      continue;
    }
    const partial = operation.partial(k);
    let part: Value;
    if (partial === null) {
      context ??= {
        ops: eagerOps[dtype],
        x: inputs[0]!,
        y: inputs[1]!,
        inputs,
        output,
        attributes: tape.sideOf(row)?.attributes,
        shapes: inputs.map(shapeOfValue),
        shape,
      };
      part = rule(context, g, k);
    } else if (partial.isIdentity) part = g;
    else {
      const all = [g, ...inputs, output].map((x, i) => partial.reads[i] ? x : 0);
      part = shape.length === 0 ? partial.scalar(...all.map(numberOf)) : partial.kernel(all, shape, dtype);
    }
    if (part === undefined) continue;
    if (debugging()) checkAdjoint(tape, row, k, part, g);
    adjoints.add(operand, fit(part, shapeOfValue(inputs[k]!), tape.dtypeOf(operand)));
  }
}

/** Brings a contribution into an operand's shape and dtype, summing over axes that were broadcast. */
function fit(part: Value, shape: Shape, dtype: "float64" | "float32"): Value {
  if (typeof part === "number") {
    return shape.length === 0 ? roundTo(dtype, part) : fullArray(shape, part, dtype);
  }
  const summed: NdArray = sameShape(part.shape, shape) ? part : sumToShape(part, shape);
  return shape.length === 0 ? roundTo(dtype, summed.data[0]!) : summed.cast(dtype);
}
