import { operations } from "../../primitives/mod.ts";
import { CONSTANT, INPUT, type Tape } from "../../tape/mod.ts";
import { constantNode, type Graph, inputNode, type Node } from "./nodes.ts";

/**
 * Cuts a recorded function out of the tape: the rows that its results depend on.
 *
 * @param mark The first row of the function's frame
 * @param inputs The rows of the inputs
 * @param outputs The results: rows, or values that were not recorded
 * @param outside Gives the input that stands for a row that is neither an operation of the frame nor a
 *   constant: a trainable Variable, or a row below the mark
 */
export function graphFromTape(
  tape: Tape,
  mark: number,
  inputs: readonly number[],
  outputs: readonly (number | Node)[],
  outside: (row: number) => Node,
): Graph {
  const nodes = new Map<number, Node>();
  const inputNodes = inputs.map((row, i) => {
    const node = inputNode(i, tape.shapeOf(row), tape.dtypeOf(row));
    nodes.set(row, node);
    return node;
  });
  const wanted = outputs.filter((o) => typeof o === "number") as number[];
  const last = wanted.length === 0 ? -1 : Math.max(...wanted);
  const live = markLive(tape, mark, wanted, last);
  const nodeOf = (row: number): Node => {
    let node = nodes.get(row);
    if (node === undefined) {
      if (row >= mark && (tape.opcodes[row] === CONSTANT || tape.opcodes[row] === INPUT)) {
        node = constantNode(tape.valueOf(row), tape.dtypeOf(row));
      } else node = outside(row);
      nodes.set(row, node);
    }
    return node;
  };
  for (let row = mark; row <= last; row++) {
    if (live[row - mark] === 0 || nodes.has(row) || tape.isLeaf(row)) continue;
    nodes.set(row, {
      operation: operations[tape.opcodes[row]!]!,
      operands: tape.operandsOf(row).map(nodeOf),
      attributes: tape.sideOf(row)?.attributes,
      shape: tape.shapeOf(row),
      dtype: tape.dtypeOf(row),
      input: -1,
      value: null,
    });
  }
  return { inputs: inputNodes, outputs: outputs.map((o) => typeof o === "number" ? nodeOf(o) : o) };
}

/** Marks the rows of a frame that the wanted ones depend on. */
function markLive(tape: Tape, mark: number, wanted: readonly number[], last: number): Uint8Array {
  const live = new Uint8Array(Math.max(0, last - mark + 1));
  for (const row of wanted) if (row >= mark) live[row - mark] = 1;
  for (let row = last; row >= mark; row--) {
    if (live[row - mark] === 0 || tape.isLeaf(row)) continue;
    for (const operand of tape.operandsOf(row)) if (operand >= mark) live[operand - mark] = 1;
  }
  return live;
}
