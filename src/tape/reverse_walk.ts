import type { Value } from "../array/value.ts";
import { operations } from "../primitives/mod.ts";
import { Adjoints, partsOf } from "./adjoints.ts";
import { checkAdjoint, debugging } from "./debug.ts";
import { passBackScalar, walkScalars } from "./scalar_walk.ts";
import { CONSTANT, LEAF } from "./rows.ts";
import type { Tape } from "./tape.ts";

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
  const operands = tape.operandsOf(row);
  const wanted = operands.map((r) => r >= adjoints.mark && tape.opcodes[r] !== CONSTANT);
  const { accumulate } = operations[tape.opcodes[row]!]!.primitive;
  if (accumulate !== undefined && wanted[0] && !debugging()) {
    const inputs = operands.map((r) => tape.valueOf(r));
    const [target] = inputs;
    if (typeof target === "object") {
      const into = adjoints.own(operands[0]!, target.shape, tape.dtypeOf(operands[0]!));
      accumulate(into, g, tape.sideOf(row)?.attributes, inputs);
      wanted[0] = false;
    }
  }
  if (!wanted.includes(true)) return true;
  partsOf(tape, row, g, wanted).forEach((part, k) => {
    if (part === undefined) return;
    if (debugging()) checkAdjoint(tape, row, k, part, g);
    adjoints.add(operands[k]!, part);
  });
  return true;
}
