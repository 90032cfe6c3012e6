import type { Adjoints } from "./adjoints.ts";
import { CONSTANT, TRAINABLE } from "./kinds.ts";
import type { Tape } from "./tape.ts";
import type { Side } from "./types.ts";

/** Beyond this many rows, and this many bytes of arrays, graphs that no walk has reached are dropped as well. */
const MOST_ROWS = 1 << 20;
const MOST_BYTES = 1 << 28;

/** What drops the rows, for messages. */
const CALL = "backward()";

/** What remains of a row that was dropped between others. */
const EMPTY: Side = { array: null, attributes: undefined, operands: null, name: undefined };

/**
 * Drops the graph that was walked: all rows that hang together with its output by operations or by the transform
 * that recorded them. Graphs that share
 * nothing with it but trainable Variables stay, such as those of other tasks.
 *
 * @param output The row that the walk began at
 * @param adjoints What the walk found
 */
export function dropWalked(tape: Tape, output: number, adjoints: Adjoints): void {
  const isAlone = adjoints.skipped === 0 && output === tape.length - 1;
  const end = isAlone ? 0 : emptyGraph(tape, output);
  tape.rewind(end, CALL);
  tape.adjoints = null;
  tape.lowest = Infinity;
  tape.metTrainable = false;
}

/** Empties the rows of a graph in place; gives the number of rows up to the last that stays. */
function emptyGraph(tape: Tape, output: number): number {
  const stays = findOthers(tape, output);
  let end = tape.length;
  while (end > 0 && stays[end - 1] === 0) end--;
  if (end === 0 || end > MOST_ROWS) return 0;
  tape.drops.add(tape.generation, 0, CALL, stays);
  // No rewind begins a new generation if the last row stays.
  tape.generation += 2;
  let bytes = 0;
  for (let row = 0; row < end; row++) {
    const at = tape.sideStarts[row]!;
    const hasSide = tape.sideStarts[row + 1]! > at;
    if (stays[row] === 1) {
      bytes += hasSide ? tape.sides[at]!.array?.data.byteLength ?? 0 : 0;
      continue;
    }
    tape.opcodes[row] = CONSTANT;
    tape.first[row] = tape.second[row] = -1;
    tape.values[row] = tape.stamps[row] = 0;
    if (hasSide) tape.sides[at] = EMPTY;
  }
  if (bytes > MOST_BYTES) return 0;
  keepOwners(tape, stays);
  return end;
}

/** Keeps the trainable Variables of the rows that stay. */
function keepOwners({ ownerRows, owners }: Tape, stays: Uint8Array): void {
  let kept = 0;
  ownerRows.forEach((row, i) => {
    if (stays[row] === 0) return;
    ownerRows[kept] = row;
    owners[kept++] = owners[i]!;
  });
  ownerRows.length = owners.length = kept;
}

/** Marks the rows of graphs that have no operation in common with that of the output. */
function findOthers(tape: Tape, output: number): Uint8Array {
  const { length, opcodes, stamps } = tape;
  // Each row points to another of its graph, the last one to itself.
  const parents = Int32Array.from({ length }, (_, row) => row);
  const rootOf = (row: number): number => {
    while (parents[row] !== row) row = parents[row] = parents[parents[row]!]!;
    return row;
  };
  for (let row = 0; row < length; row++) {
    for (const operand of tape.operandsOf(row)) {
      if (opcodes[operand] !== TRAINABLE) parents[rootOf(operand)] = rootOf(row);
    }
  }
  // What one transform has recorded stays or goes together.
  for (const { mark, end } of tape.blocks) {
    const last = rootOf(end - 1);
    for (let row = mark; row < end; row++) if (opcodes[row] !== TRAINABLE) parents[rootOf(row)] = last;
  }
  const walked = rootOf(output);
  const stays = new Uint8Array(length);
  for (let row = 0; row < length; row++) {
    if (stamps[row] === 0 || opcodes[row] === TRAINABLE || rootOf(row) === walked) continue;
    stays[row] = 1;
    for (const operand of tape.operandsOf(row)) stays[operand] = 1;
  }
  return stays;
}
