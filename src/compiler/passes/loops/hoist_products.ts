/** Matrix products in a loop that need no state: they are one product before it. */
import { operation as op } from "../../../primitives/mod.ts";
import { liveNodes, type Node, nodeOps } from "../../graph/nodes.ts";
import { canKeep, endsOf, type Given, newInput, type OpenLoop, replaceInStep, resolve } from "./open_loop.ts";

/** Takes products of slices with matrices that are the same in all steps out of a loop. */
export function hoistProducts(open: OpenLoop): void {
  const hoisted = new Map<Node, Node>();
  for (const node of liveNodes(endsOf(open))) {
    if (!op.matmul.is(node) || node.attributes.transposeX || !canKeep(open, node)) continue;
    const [x, y] = node.operands as [Node, Node];
    const slice = open.slices.find(({ input }) => input === x);
    const matrix = open.fixed.find(({ input }) => input === y);
    if (slice === undefined || matrix === undefined || y.shape.length !== 2) continue;
    const input = newInput(node);
    const { attributes } = node;
    const from = (): Node =>
      nodeOps(node.dtype).matmul(resolve(open, slice.from), resolve(open, matrix.from), attributes);
    open.slices = [...open.slices, { input, from } satisfies Given];
    hoisted.set(node, input);
  }
  if (hoisted.size > 0) replaceInStep(open, hoisted);
}
