import type { Tape } from "./tape.ts";

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
