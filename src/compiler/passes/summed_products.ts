import { sizeOf } from "../../array/shape.ts";
import { operation as op } from "../../primitives/mod.ts";
import { type Graph, type Node, nodeOps, nodesOf, readersOf, withOperands } from "../graph/nodes.ts";

/**
 * Makes one product of a sum of products: where the matrices of a batch are all added up, they are one product of
 * the matrices put under each other. The gradient of weights that serve a whole batch is such a sum.
 *
 * @param simplify Gives what takes the place of a node that has changed by it
 */
export function joinSummedProducts(graph: Graph, simplify: (node: Node) => Node = (node) => node): Graph {
  const readers = readersOf(graph);
  const outputs = new Set(graph.outputs);
  const isRead = (node: Node): boolean => readers.get(node)!.length > 1 || outputs.has(node);
  const sums = new Set(nodesOf(graph).filter((node) => isSumOfProducts(node) && !isRead(node.operands[0]!)));
  if (sums.size === 0) return graph;
  const replaced = new Map<Node, Node>();
  const current = (node: Node): Node => replaced.get(node) ?? node;
  for (const node of nodesOf(graph)) {
    const made = withOperands(node, current);
    const joined = sums.has(node) ? oneProduct(made) : made;
    if (joined !== node) replaced.set(node, simplify(joined));
  }
  return { inputs: graph.inputs, outputs: graph.outputs.map(current) };
}

/** Whether a node adds up all matrices of a product whose operands lie so that they are longer matrices too. */
function isSumOfProducts(node: Node): boolean {
  if (!op.sum.is(node)) return false;
  const [product] = node.operands as [Node];
  if (!op.matmul.is(product) || sizeOf(product.shape) === 0) return false;
  const { transposeX, transposeY } = product.attributes;
  const batch = product.shape.slice(0, -2);
  const { axes } = node.attributes;
  return transposeX && !transposeY && sizeOf(batch) > 1 && axes.length === batch.length &&
    axes.every((axis) => axis < batch.length) &&
    product.operands.every((o) => o.dtype === node.dtype && sizeOf(o.shape.slice(0, -2)) === sizeOf(batch));
}

/** The product that a sum of products is. */
function oneProduct(sum: Node): Node {
  const ops = nodeOps(sum.dtype);
  const [x, y] = sum.operands[0]!.operands.map((operand) => {
    const width = operand.shape.at(-1)!;
    return ops.reshape(operand, { shape: [sizeOf(operand.shape) / width, width] });
  }) as [Node, Node];
  return ops.reshape(ops.matmul(x, y, { transposeX: true, transposeY: false }), { shape: sum.shape });
}
