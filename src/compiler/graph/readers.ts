import { type Graph, type Node, nodesOf } from "./nodes.ts";

const readerLists = new WeakMap<Graph, Map<Node, Node[]>>();

/** Which nodes read each node. */
export function readersOf(graph: Graph): ReadonlyMap<Node, readonly Node[]> {
  let readers = readerLists.get(graph);
  if (readers === undefined) {
    readers = new Map();
    for (const node of nodesOf(graph)) {
      for (const operand of node.operands) {
        const list = readers.get(operand);
        if (list === undefined) readers.set(operand, [node]);
        else if (list.at(-1) !== node) list.push(node);
      }
    }
    readerLists.set(graph, readers);
  }
  return readers;
}
