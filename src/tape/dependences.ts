/** What rows were computed from. */
import { TRAINABLE } from "./rows.ts";
import type { Tape } from "./tape.ts";

/** Depends on an input. */
export const INNER = 1;
/** Depends on something outside: a trainable Variable, or a row from before the function. */
export const OUTER = 2;

/**
 * Marks, for each row of a function, what it depends on.
 *
 * @param mark The first row of the function
 * @param end The row after its last
 * @param inputs The rows of its inputs, at or above the mark or below it
 * @returns {@linkcode INNER} and {@linkcode OUTER} for each row from the mark on
 */
export function findDependences(tape: Tape, mark: number, end: number, inputs: Iterable<number>): Uint8Array {
  const depends = new Uint8Array(Math.max(0, end - mark));
  const isInput = new Set(inputs);
  for (let row = mark; row < end; row++) {
    let flags = isInput.has(row) ? INNER : 0;
    if (tape.isLeaf(row)) {
      if (tape.opcodes[row] === TRAINABLE) flags |= OUTER;
    } else {
      for (const operand of tape.operandsOf(row)) {
        flags |= operand >= mark ? depends[operand - mark]! : isInput.has(operand) ? INNER | OUTER : OUTER;
      }
    }
    depends[row - mark] = flags;
  }
  return depends;
}

/** The rows below a mark that a row was computed from; itself if it lies there. */
export function sourcesBelow(tape: Tape, row: number, mark: number): number[] {
  const found: number[] = [];
  const seen = new Set([row]);
  const open = [row];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next < mark) {
      found.push(next);
      continue;
    }
    for (const operand of tape.operandsOf(next)) {
      if (seen.has(operand)) continue;
      seen.add(operand);
      open.push(operand);
    }
  }
  return found;
}
