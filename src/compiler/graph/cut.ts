import { operations } from "../../primitives/mod.ts";
import { findDependences, INNER, OUTER, type Tape, TRAINABLE } from "../../tape/mod.ts";
import { constantNode, type Graph, inputNode, type Node } from "./nodes.ts";

/** A recorded function that was cut out of the tape. */
export interface Cut {
  /** What its results need; its inputs are those of the function, then one for each row of {@linkcode outside}. */
  readonly graph: Graph;
  /** Rows that the function uses beside its inputs: trainable Variables, and rows from before it. */
  readonly outside: readonly number[];
  /** Each node, and where it stood on the tape. */
  readonly rows: () => Iterable<readonly [Node, number]>;
}

/**
 * Cuts a recorded function out of the tape: the rows that its results depend on.
 *
 * @param mark The first row of the function; everything below is outside
 * @param inputs The rows of the inputs, at or above the mark or below it
 * @param outputs The results: rows, or values that were not recorded
 * @param keeps `"all"` operations of the function, or only those `"dependent"` on an input: the others are then
 *   constants, or inputs from outside where they depend on that
 */
export function cutGraph(
  tape: Tape,
  mark: number,
  inputs: readonly number[],
  outputs: readonly (number | Node)[],
  keeps: "all" | "dependent" = "all",
): Cut {
  const wanted = outputs.filter((o) => typeof o === "number") as number[];
  const end = wanted.reduce((last, row) => Math.max(last, row + 1), mark);
  // Nodes by their rows: those of the function, and others.
  const inner = new Array<Node | undefined>(end - mark);
  const others = new Map<number, Node>();
  const find = (row: number): Node | undefined =>
    row >= mark && row < end ? inner[row - mark] : others.get(row);
  const add = (row: number, node: Node): Node => {
    if (row >= mark && row < end) inner[row - mark] = node;
    else others.set(row, node);
    return node;
  };
  const inputNodes = inputs.map((row, i) => add(row, inputNode(i, tape.shapeOf(row), tape.dtypeOf(row))));
  const depends = keeps === "all" ? null : findDependences(tape, mark, end, inputs);
  const isKept = (row: number): boolean =>
    !tape.isLeaf(row) && (depends === null || (depends[row - mark]! & INNER) !== 0);
  const isOutside = (row: number): boolean =>
    row < mark ||
    (depends === null ? tape.opcodes[row] === TRAINABLE : (depends[row - mark]! & OUTER) !== 0);
  const outside: number[] = [];
  const leafOf = (row: number): Node => {
    const dtype = tape.dtypeOf(row);
    if (!isOutside(row)) return add(row, constantNode(tape.valueOf(row), dtype));
    outside.push(row);
    const node = inputNode(inputs.length + outside.length - 1, tape.shapeOf(row), dtype);
    inputNodes.push(node);
    return add(row, node);
  };
  const nodeOf = (row: number): Node => find(row) ?? leafOf(row);
  const live = markLive(tape, mark, wanted, end, isKept);
  for (let row = mark; row < end; row++) {
    if (live[row - mark] === 0 || inner[row - mark] !== undefined || !isKept(row)) continue;
    add(row, {
      operation: operations[tape.opcodes[row]!]!,
      operands: tape.operandsOf(row).map(nodeOf),
      attributes: tape.sideOf(row)?.attributes,
      shape: tape.shapeOf(row),
      dtype: tape.dtypeOf(row),
      input: -1,
      value: null,
    });
  }
  const results = outputs.map((o) => typeof o === "number" ? nodeOf(o) : o);
  function* rows(): Generator<readonly [Node, number]> {
    for (let i = 0; i < inputs.length; i++) yield [inputNodes[i]!, inputs[i]!];
    for (const [row, node] of others) yield [node, row];
    for (let i = 0; i < inner.length; i++) if (inner[i] !== undefined) yield [inner[i]!, mark + i];
  }
  return { graph: { inputs: inputNodes, outputs: results }, outside, rows };
}

/** Marks the rows of a function that the wanted ones depend on. */
function markLive(
  tape: Tape,
  mark: number,
  wanted: readonly number[],
  end: number,
  isKept: (row: number) => boolean,
): Uint8Array {
  const live = new Uint8Array(end - mark);
  for (const row of wanted) if (row >= mark) live[row - mark] = 1;
  for (let row = end - 1; row >= mark; row--) {
    if (live[row - mark] === 0 || !isKept(row)) continue;
    for (const operand of tape.operandsOf(row)) if (operand >= mark) live[operand - mark] = 1;
  }
  return live;
}
