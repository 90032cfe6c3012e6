/** Matrix products of a loop that the loop of its derivatives would compute again. */
import { sameShape } from "../../../array/shape.ts";
import { operation as op } from "../../../primitives/mod.ts";
import { liveNodes, type Node, withOperands } from "../../graph/nodes.ts";
import { CommonRows } from "../common_rows.ts";
import { allValues, canKeep, endsOf, newInput, type OpenLoop, replaceInStep } from "./open_loop.ts";

/** From this many multiplications for each element on, it pays to keep a product. */
const LEAST_DEPTH = 8;

/**
 * Has a loop keep the products that another one computes again from the states before each step, and the other read
 * them.
 *
 * @param kept Which slices of the second loop are states that the first one keeps, by their inputs in both steps
 */
export function saveProducts(first: OpenLoop, second: OpenLoop, kept: ReadonlyMap<Node, Node>): void {
  if (kept.size === 0 || first.loop.iteration.length !== second.loop.iteration.length) return;
  shareSteps(first, second, kept);
  const known = new Set(liveNodes(endsOf(first)));
  const nodes = liveNodes(endsOf(second));
  const readers = readersOf(nodes);
  const saved = new Map<Node, Node>();
  for (const node of nodes) {
    if (!known.has(node) || node.operation !== op.matmul || depthOf(node) < LEAST_DEPTH) continue;
    const last = lastOf(node, readers, known);
    if (!canKeep(first, last) || saved.has(last)) continue;
    saved.set(last, newInput(last));
    second.slices = [...second.slices, { input: saved.get(last)!, from: allValues(first, last) }];
  }
  if (saved.size > 0) replaceInStep(second, saved);
}

function depthOf(product: Node): number {
  const { transposeX } = product.attributes as { transposeX: boolean };
  return product.operands[0]!.shape.at(transposeX ? -2 : -1)!;
}

/** The last of what follows from a product alone, element by element: that is kept in its place. */
function lastOf(
  product: Node,
  readers: ReadonlyMap<Node, ReadonlySet<Node>>,
  known: ReadonlySet<Node>,
): Node {
  let node = product;
  for (;;) {
    const [reader, ...others] = readers.get(node) ?? [];
    const follows = reader !== undefined && others.length === 0 && known.has(reader) &&
      reader.operation?.primitive.lower !== undefined && sameShape(reader.shape, node.shape);
    if (!follows) return node;
    node = reader;
  }
}

function readersOf(nodes: readonly Node[]): Map<Node, Set<Node>> {
  const readers = new Map<Node, Set<Node>>();
  for (const node of nodes) {
    for (const operand of node.operands) {
      const known = readers.get(operand);
      if (known === undefined) readers.set(operand, new Set([node]));
      else known.add(node);
    }
  }
  return readers;
}

/** Writes the second step in nodes of the first, as far as both compute the same. */
function shareSteps(first: OpenLoop, second: OpenLoop, kept: ReadonlyMap<Node, Node>): void {
  const rows = new CommonRows();
  for (const { input } of [...first.states, ...first.slices, ...first.fixed]) rows.share(input);
  for (const node of liveNodes(endsOf(first))) if (!rows.has(node)) rows.share(node);
  const places = new Map<Node, Node>();
  for (const { input } of second.states) place(input, undefined);
  for (const { input, from } of second.slices) {
    place(input, kept.get(input) ?? first.slices.find((other) => other.from === from)?.input);
  }
  for (const { input, from } of second.fixed) {
    place(input, first.fixed.find((other) => other.from === from)?.input);
  }
  function place(input: Node, same: Node | undefined): void {
    places.set(input, same ?? rows.share(newInput(input)));
  }
  const current = (node: Node): Node => places.get(node) ?? node;
  for (const node of liveNodes(endsOf(second))) {
    if (!places.has(node)) places.set(node, rows.share(withOperands(node, current)));
  }
  replaceInStep(second, places);
}
