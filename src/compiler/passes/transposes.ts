import { operation as op } from "../../primitives/mod.ts";
import { type Graph, type Node, operationNode, rewrite } from "../graph/nodes.ts";

/** Lets matrix products read a transposed operand in place, instead of having it transposed first. */
export function foldTransposes(graph: Graph): Graph {
  return rewrite(graph, withoutTransposes);
}

/** A matrix product of what its operands are the transposes of. */
export function withoutTransposes(node: Node): Node {
  if (!op.matmul.is(node)) return node;
  const { transposeX, transposeY } = node.attributes;
  const [x, y] = node.operands.map(untransposed) as [Node | null, Node | null];
  if (x === null && y === null) return node;
  return operationNode(op.matmul, [x ?? node.operands[0]!, y ?? node.operands[1]!], {
    transposeX: transposeX !== (x !== null),
    transposeY: transposeY !== (y !== null),
  }, node.dtype);
}

/** The operand of a transposition that swaps the last two axes, else null. */
function untransposed(node: Node): Node | null {
  if (!op.transpose.is(node)) return null;
  const { axes } = node.attributes;
  const last = axes.length - 1;
  if (last < 1) return null;
  const swaps = axes.every((axis, i) => axis === (i === last ? last - 1 : i === last - 1 ? last : i));
  return swaps ? node.operands[0]! : null;
}
