import type { DType } from "../../array/dtype.ts";
import { sameShape, SCALAR, type Shape } from "../../array/shape.ts";
import {
  makeOps,
  type Operation,
  operation as op,
  operations,
  type Ops,
  type RuleContext,
} from "../../primitives/mod.ts";
import { findDependences, INNER, LEAF, OUTER, type Tape } from "../../tape/mod.ts";
import { apply, binary, unary } from "../../variable/apply.ts";
import { zerosLike } from "../../variable/rows.ts";
import { handleOf, untracked, type Variable } from "../../variable/variable.ts";

/** Undoes a broadcast, recorded: brings a Variable into a shape by repeating or summing along axes. */
export function sumToVariable(x: Variable, shape: Shape): Variable {
  if (sameShape(x.shape, shape)) return x;
  if (x.rank < shape.length) return x.broadcastTo(shape);
  const lead = x.rank - shape.length;
  const axes = x.shape.map((_, i) => i).filter((i) =>
    i < lead || (shape[i - lead] === 1 && x.shape[i] !== 1)
  );
  const summed = axes.length === 0 ? x : x.sum({ axis: axes, keepDims: true });
  return sameShape(summed.shape.slice(lead), shape) && lead === 0
    ? summed
    : summed.reshape(summed.shape.slice(lead)).broadcastTo(shape);
}

/** Brings a Variable into a dtype, recorded: by adding zeros of that dtype where it has to widen. */
export function castVariable(x: Variable, dtype: DType): Variable {
  if (x.dtype === dtype) return x;
  return apply(op.cast, [x], { dtype });
}

/** Zeros of a Variable's shape and dtype, as a constant. */
export function zeros(like: Variable): Variable {
  return untracked(zerosLike(like), like.dtype);
}

/** The algebra of Variables: rules that use it are recorded, and can be differentiated again. */
export const recordingOps: Ops<Variable> = makeOps<Variable>(
  applyRecorded,
  (x): Shape => typeof x === "number" ? SCALAR : x.shape,
);

/** Does an operation on Variables. */
export function applyRecorded(
  op: Operation,
  inputs: readonly (Variable | number)[],
  attributes: unknown,
): Variable {
  if (attributes === undefined && op.scalar !== null) {
    if (inputs.length === 1) return unary(op, inputs[0]!);
    if (inputs.length === 2) return binary(op, inputs[0]!, inputs[1]!);
  }
  return apply(op, inputs, attributes);
}

/**
 * Walks backwards from some rows to `mark` like `reverseWalk`, but records the derivatives themselves on the
 * tape wherever they depend on something outside, so that an enclosing walk can differentiate them.
 *
 * @param seeds The rows to start from, each with its adjoint
 * @param inputs The rows to differentiate by
 * @returns One adjoint for each input, undefined where no output depends on it
 */
export function recordedWalk(
  tape: Tape,
  mark: number,
  seeds: readonly (readonly [row: number, adjoint: Variable])[],
  inputs: readonly number[],
): (Variable | undefined)[] {
  const end = Math.max(mark, ...seeds.map(([row]) => row + 1));
  const depends = findDependences(tape, mark, end, inputs);
  const adjoints = new Map<number, Variable>();
  const add = (row: number, part: Variable): void => {
    const before = adjoints.get(row);
    adjoints.set(row, before === undefined ? part : before.add(part));
  };
  for (const [row, adjoint] of seeds) add(row, adjoint);
  const wanted = new Set(inputs);
  for (let row = end - 1; row >= mark; row--) {
    const g = adjoints.get(row);
    if (g === undefined || tape.opcodes[row]! >= LEAF || wanted.has(row)) continue;
    adjoints.delete(row);
    const operation = operations[tape.opcodes[row]!]!;
    const operands = tape.operandsOf(row);
    const reached = operands.map((operand) => wanted.has(operand) || isInner(depends, operand - mark));
    if (!reached.includes(true)) continue;
    const context = contextOf(tape, mark, depends, row, operands);
    operation.pullBack(context, g, reached).forEach((part, k) => {
      if (part === undefined) return;
      const operand = operands[k]!;
      add(operand, castVariable(sumToVariable(part, tape.shapeOf(operand)), tape.dtypeOf(operand)));
    });
  }
  return inputs.map((row) => adjoints.get(row));
}

/**
 * Walks forwards from `mark` to the end like `forwardWalk`, but records the tangents on the tape wherever they
 * depend on something outside.
 *
 * @param seeds The rows that move, each with its tangent
 * @param linked Whether the tangents stay linked to all values they are computed from
 * @returns The tangents of all rows that depend on them
 */
export function recordedForwardWalk(
  tape: Tape,
  mark: number,
  seeds: readonly (readonly [row: number, tangent: Variable])[],
  linked = false,
): ReadonlyMap<number, Variable> {
  const end = tape.length;
  const depends = findDependences(tape, mark, end, seeds.map(([row]) => row));
  const tangents = new Map<number, Variable>(seeds);
  const fixed = new Set(tangents.keys());
  for (let row = mark; row < end; row++) {
    if (!isInner(depends, row - mark) || fixed.has(row)) continue;
    const operands = tape.operandsOf(row);
    const moved = operands.map((operand) => tangents.get(operand));
    if (moved.every((tangent) => tangent === undefined)) continue;
    const operation = operations[tape.opcodes[row]!]!;
    const context = contextOf(tape, mark, depends, row, operands, linked ? INNER | OUTER : OUTER);
    const total = operation.pushForward(context, moved);
    if (total === undefined) continue;
    const shape = tape.shapeOf(row);
    tangents.set(row, castVariable(sumToVariable(total, shape), tape.dtypeOf(row)));
  }
  return tangents;
}

function isInner(depends: Uint8Array, at: number): boolean {
  return at >= 0 && (depends[at]! & INNER) !== 0;
}

/** What the rules of a row see: its values, as handles where they depend on something outside. */
function contextOf(
  tape: Tape,
  mark: number,
  depends: Uint8Array,
  row: number,
  operands: readonly number[],
  links = OUTER,
): RuleContext<Variable, unknown> {
  const valueOf = (r: number): Variable =>
    r < mark || (depends[r - mark]! & links) !== 0
      ? handleOf(r)
      : untracked(tape.valueOf(r), tape.dtypeOf(r));
  const values = operands.map(valueOf);
  const { attributes } = tape.sideOf(row) ?? {};
  return operations[tape.opcodes[row]!]!.context(recordingOps, values, valueOf(row), attributes);
}
