import { makeOps, operations, type Ops, type RuleContext } from "../primitives/mod.ts";
import { LEAF, type Tape, TRAINABLE } from "../tape/mod.ts";
import { apply, binary, handleOf, passive, unary, type Variable } from "../variable/variable.ts";
import { SCALAR, type Shape } from "../array/shape.ts";
import { castVariable, sumToVariable } from "./fit.ts";

/** The algebra of Variables: rules that use it are recorded, and can be differentiated again. */
export const recordingOps: Ops<Variable> = makeOps<Variable>(
  (op, inputs, attributes) => {
    if (attributes === undefined && op.scalar !== null) {
      if (inputs.length === 1) return unary(op, inputs[0]!);
      if (inputs.length === 2) return binary(op, inputs[0]!, inputs[1]!);
    }
    return apply(op, inputs, attributes);
  },
  (x): Shape => typeof x === "number" ? SCALAR : x.shape,
);

/** Depends on an input of the walk. */
const INNER = 1;
/** Depends on something that an enclosing walk may differentiate by. */
const OUTER = 2;

/**
 * Walks backwards from `output` to `mark` like `reverseWalk`, but records the derivatives themselves on the
 * tape wherever they depend on something outside, so that an enclosing walk can differentiate them.
 *
 * @param inputs The rows to differentiate by
 * @returns One adjoint for each input, undefined where the output does not depend on it
 */
export function recordedWalk(
  tape: Tape,
  mark: number,
  output: number,
  inputs: readonly number[],
): (Variable | undefined)[] {
  const end = output + 1;
  const depends = findDependences(tape, mark, end, inputs);
  const adjoints = new Map<number, Variable>();
  adjoints.set(output, passive(1, tape.dtypeOf(output)));
  const valueOf = (row: number): Variable =>
    row < mark || (depends[row - mark]! & OUTER) !== 0
      ? handleOf(row)
      : passive(tape.valueOf(row), tape.dtypeOf(row));
  const wanted = new Set(inputs);
  for (let row = output; row >= mark; row--) {
    const g = adjoints.get(row);
    if (g === undefined || tape.opcodes[row]! >= LEAF || wanted.has(row)) continue;
    adjoints.delete(row);
    const operation = operations[tape.opcodes[row]!]!;
    const operands = tape.operandsOf(row);
    let context: RuleContext<Variable, unknown> | undefined;
    operands.forEach((operand, k) => {
      const rule = operation.vjp(k);
      if (rule === null || operand < mark || (depends[operand - mark]! & INNER) === 0) return;
      if (context === undefined) {
        const values = operands.map(valueOf);
        context = {
          ops: recordingOps,
          x: values[0]!,
          y: values[1]!,
          inputs: values,
          output: valueOf(row),
          attributes: tape.sideOf(row)?.attributes,
          shapes: values.map((v) => v.shape),
          shape: tape.shapeOf(row),
        };
      }
      const part = castVariable(
        sumToVariable(rule(context, g, k), tape.shapeOf(operand)),
        tape.dtypeOf(operand),
      );
      const known = adjoints.get(operand);
      adjoints.set(operand, known === undefined ? part : known.add(part));
    });
  }
  return inputs.map((row) => adjoints.get(row));
}

/** Marks, for every row of a frame, what it depends on. */
function findDependences(tape: Tape, mark: number, end: number, inputs: readonly number[]): Uint8Array {
  const depends = new Uint8Array(end - mark);
  const isInput = new Set(inputs);
  for (let row = mark; row < end; row++) {
    let flags = isInput.has(row) ? INNER : 0;
    if (tape.isLeaf(row)) {
      if (tape.opcodes[row] === TRAINABLE) flags |= OUTER;
    } else {
      for (const operand of tape.operandsOf(row)) flags |= operand < mark ? OUTER : depends[operand - mark]!;
    }
    depends[row - mark] = flags;
  }
  return depends;
}
