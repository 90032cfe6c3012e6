/** Loops that do no more than they have to: what is not bound to the order of their steps is done outside. */
import { operation as op } from "../../../primitives/mod.ts";
import { GraphLoop, type LoopPart } from "../../graph/loop.ts";
import { type Graph, type Node, nodeOps, nodesOf, readersOf, withOperands } from "../../graph/nodes.ts";
import { hoistProducts, saveProducts, sinkSums } from "./loop_products.ts";
import { closeLoop, type OpenLoop, openLoop, readPart } from "./open_loop.ts";

/** A part of the result of a loop that is read. */
interface Read {
  readonly open: OpenLoop;
  readonly part: LoopPart;
}

/**
 * Moves matrix products out of loops: those of slices before them, sums of them behind them; and has the loop of
 * derivatives read what the loop before it computed.
 *
 * @param simplify Simplifies the step of a loop
 * @param settle Gives what takes the place of a node that has changed by it
 */
export function optimizeLoops(
  graph: Graph,
  simplify: (step: Graph) => Graph,
  settle: (node: Node) => Node,
): Graph {
  const loops = new Map<Node, OpenLoop>();
  const reads = new Map<Node, Read>();
  const replaced = new Map<Node, Node>();
  const current = (node: Node): Node => replaced.get(node) ?? node;
  for (const node of nodesOf(graph)) {
    if (!(node.attributes instanceof GraphLoop)) continue;
    const found = readsOf(graph, node, node.attributes);
    if (found === null) continue;
    const open = openLoop(node, node.attributes, simplify(node.attributes.iteration.step), current);
    loops.set(node, open);
    for (const [reader, part] of found) reads.set(reader, { open, part });
  }
  const all = [...loops.values()];
  for (const second of all) {
    for (const first of all) saveProducts(first, second, keptStates(first, second, reads));
  }
  for (const open of all) {
    hoistProducts(open);
    sinkSums(open);
  }
  if (!all.some(({ isChanged }) => isChanged)) return graph;
  for (const node of nodesOf(graph)) {
    const made = outsideLoops(node, loops, reads, current, settle);
    if (made !== node) replaced.set(node, made);
  }
  return { inputs: graph.inputs, outputs: graph.outputs.map(current) };
}

/** What a node outside of the steps of loops becomes. */
function outsideLoops(
  node: Node,
  loops: ReadonlyMap<Node, OpenLoop>,
  reads: ReadonlyMap<Node, Read>,
  current: (node: Node) => Node,
  settle: (node: Node) => Node,
): Node {
  const open = loops.get(node);
  if (open?.isChanged) return closeLoop(open, settle);
  const read = reads.get(node);
  if (read?.open.isChanged) {
    const part = readPart(read.open, read.open.parts.get(read.part)!);
    return settle(nodeOps(node.dtype).reshape(part, { shape: node.shape }));
  }
  const made = withOperands(node, current);
  return made === node ? node : settle(made);
}

/** Which part each reader of a loop reads; null if anything else is done with its result. */
function readsOf(graph: Graph, node: Node, loop: GraphLoop): Map<Node, LoopPart> | null {
  if (graph.outputs.includes(node)) return null;
  const parts = [...loop.last, ...loop.outputs, ...loop.kept];
  const found = new Map<Node, LoopPart>();
  for (const reader of readersOf(graph).get(node) ?? []) {
    const part = op.slice.is(reader)
      ? parts.find(({ offset, shape }) =>
        offset === reader.attributes.begin[0] && shape.reduce((a, b) => a * b, 1) === reader.shape[0]
      )
      : undefined;
    if (part === undefined) return null;
    found.set(reader, part);
  }
  return found;
}

/** Which slices of a loop are states that another one keeps, by their inputs in both steps. */
function keptStates(first: OpenLoop, second: OpenLoop, reads: ReadonlyMap<Node, Read>): Map<Node, Node> {
  const kept = new Map<Node, Node>();
  for (const { input, from } of second.slices) {
    if (typeof from === "function") continue;
    const read = reads.get(op.reshape.is(from) ? from.operands[0]! : from);
    const place = read?.open === first ? first.parts.get(read.part) : undefined;
    if (place?.kind === "kept") kept.set(input, place.state.input);
  }
  return kept;
}
