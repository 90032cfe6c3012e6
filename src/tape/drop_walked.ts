import type { Adjoints } from "./adjoints.ts";
import { CONSTANT, TRAINABLE } from "./rows.ts";
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
 * The lowest row that a walk from an output can reach; 0 without looking where no other graphs are on the tape. The
 * walk then takes no longer for what has piled up below.
 */
export function lowestReached(tape: Tape, output: number): number {
  if (tape.staying.rows === 0) return 0;
  let lowest = output;
  for (let row = output; row >= lowest; row--) {
    for (const operand of tape.operandsOf(row)) if (operand < lowest) lowest = operand;
  }
  return lowest;
}

/**
 * Drops the graph that was walked: all rows that hang together with its output by operations or by the transform
 * that recorded them. Graphs that share nothing with it but trainable Variables stay, such as those of other tasks.
 *
 * @param output The row that the walk began at
 * @param adjoints What the walk found
 */
export function dropWalked(tape: Tape, output: number, adjoints: Adjoints): void {
  const start = isCut(tape, adjoints.mark) ? 0 : adjoints.mark;
  const isAlone = adjoints.skipped === 0 && output === tape.length - 1 && start === adjoints.mark;
  let end = isAlone ? start : emptyGraph(tape, output, start);
  // Below, what was dropped before and leaves that nothing above needs any more go as well.
  if (end === start) { while (end > 0 && (tape.stamps[end - 1] === 0 || tape.isLeaf(end - 1))) end--; }
  const bytes = end > MOST_ROWS ? Infinity : bytesOfRows(tape, end);
  tape.rewind(bytes > MOST_BYTES ? 0 : end, CALL);
  tape.staying = { rows: tape.length, bytes: tape.length === 0 ? 0 : bytes };
  tape.adjoints = null;
  tape.lowest = Infinity;
  tape.metTrainable = false;
}

/** Whether rows from a mark on hang together with rows below it by more than trainable Variables. */
function isCut(tape: Tape, mark: number): boolean {
  if (mark === 0) return false;
  if (tape.blocks.some((block) => block.mark < mark && mark < block.end)) return true;
  for (let row = mark; row < tape.length; row++) {
    for (const operand of tape.operandsOf(row)) {
      if (operand < mark && tape.opcodes[operand] !== TRAINABLE) return true;
    }
  }
  return false;
}

/** Bytes of the arrays of the first rows; those that stayed the last time are counted again only if they are many. */
function bytesOfRows(tape: Tape, end: number): number {
  const { rows, bytes } = tape.staying;
  const all = rows <= end ? bytes + bytesBetween(tape, rows, end) : Infinity;
  return all <= MOST_BYTES ? all : bytesBetween(tape, 0, end);
}

function bytesBetween({ sides, sideStarts }: Tape, start: number, end: number): number {
  let bytes = 0;
  for (let at = sideStarts[start]!; at < sideStarts[end]!; at++) {
    bytes += sides[at]!.array?.data.byteLength ?? 0;
  }
  return bytes;
}

/** Empties the rows of a graph in place, from a row on; gives the number of rows up to the last that stays. */
function emptyGraph(tape: Tape, output: number, start: number): number {
  const stays = findOthers(tape, output, start);
  let end = tape.length;
  while (end > start && stays[end - start - 1] === 0) end--;
  if (end === start || end > MOST_ROWS) return end;
  tape.drops.add(tape.generation, start, CALL, stays);
  // No rewind begins a new generation if the last row stays.
  tape.generation += 2;
  for (let row = start; row < end; row++) {
    if (stays[row - start] === 1) continue;
    const at = tape.sideStarts[row]!;
    tape.opcodes[row] = CONSTANT;
    tape.first[row] = tape.second[row] = -1;
    tape.values[row] = tape.stamps[row] = 0;
    if (tape.sideStarts[row + 1]! > at) tape.sides[at] = EMPTY;
  }
  keepOwners(tape, stays, start);
  return end;
}

/** Keeps the trainable Variables of the rows that stay. */
function keepOwners(tape: Tape, stays: Uint8Array, start: number): void {
  const { ownerRows, owners } = tape;
  let kept = tape.ownersBelow(start);
  for (let i = kept; i < ownerRows.length; i++) {
    if (stays[ownerRows[i]! - start] === 0) continue;
    ownerRows[kept] = ownerRows[i]!;
    owners[kept++] = owners[i]!;
  }
  ownerRows.length = owners.length = kept;
}

/** Marks the rows, from one on, of graphs that have no operation in common with that of the output. */
function findOthers(tape: Tape, output: number, start: number): Uint8Array {
  const { length, opcodes, stamps } = tape;
  // Each row points to another of its graph, the last one to itself.
  const parents = Int32Array.from({ length: length - start }, (_, i) => start + i);
  const rootOf = (row: number): number => {
    for (;;) {
      const parent = parents[row - start]!;
      if (parent === row) return row;
      row = parents[row - start] = parents[parent - start]!;
    }
  };
  const operandsOf = (row: number): readonly number[] => tape.operandsOf(row).filter((r) => r >= start);
  for (let row = start; row < length; row++) {
    for (const operand of operandsOf(row)) {
      if (opcodes[operand] !== TRAINABLE) parents[rootOf(operand) - start] = rootOf(row);
    }
  }
  // What one transform has recorded stays or goes together.
  for (const { mark, end } of tape.blocks) {
    if (end <= start) continue;
    const last = rootOf(end - 1);
    for (let row = mark; row < end; row++) {
      if (opcodes[row] !== TRAINABLE) parents[rootOf(row) - start] = last;
    }
  }
  const walked = rootOf(output);
  const stays = new Uint8Array(length - start);
  for (let row = start; row < length; row++) {
    if (stamps[row] === 0 || opcodes[row] === TRAINABLE || rootOf(row) === walked) continue;
    stays[row - start] = 1;
    for (const operand of operandsOf(row)) stays[operand - start] = 1;
  }
  return stays;
}
