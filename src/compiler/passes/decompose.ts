import { allocate } from "../../array/dtype.ts";
import { NdArray } from "../../array/nd_array.ts";
import { sizeOf } from "../../array/shape.ts";
import type { Attributes, Operation, Ops, PrimitiveName } from "../../primitives/mod.ts";
import { constantNode, type Graph, type Node, nodeOps, rewrite } from "../graph/nodes.ts";

/** A node of the operation of a name. */
type NodeOf<K extends PrimitiveName> = Node & { readonly attributes: Attributes<K> };
type Rule<K extends PrimitiveName> = (ops: Ops<Node>, node: NodeOf<K>, operands: readonly Node[]) => Node;

/** `log(sum(exp(x)))` over axes, with the largest element taken out. */
function logSumExp(ops: Ops<Node>, x: Node, axes: readonly number[]): Node {
  const largest = ops.max(x, { axes, keepDims: true });
  const infinite = ops.eq(ops.abs(largest), constantNode(Infinity, x.dtype));
  const shift = ops.where(infinite, constantNode(0, x.dtype), largest);
  return ops.add(ops.log(ops.sum(ops.exp(ops.sub(x, shift)), { axes, keepDims: true })), shift);
}

/** x less its largest element along axes, and the exponentials of that. */
function softmax(
  ops: Ops<Node>,
  x: Node,
  axes: readonly number[],
): { shifted: Node; sum: Node; powers: Node } {
  const shifted = ops.sub(x, ops.max(x, { axes, keepDims: true }));
  const powers = ops.exp(shifted);
  return { shifted, powers, sum: ops.sum(powers, { axes, keepDims: true }) };
}

/** x less its mean along axes, unless it is not centered, and the inverse of its deviation. */
function standardize(
  ops: Ops<Node>,
  x: Node,
  { axes, epsilon, center }: Attributes<"normalize">,
): [Node, Node] {
  const count = sizeOf(axes.map((axis) => x.shape[axis]!));
  const mean = (values: Node): Node => ops.div(ops.sum(values, { axes, keepDims: true }), count);
  const centered = center ? ops.sub(x, mean(x)) : x;
  return [centered, ops.rsqrt(ops.add(mean(ops.square(centered)), epsilon))];
}

/** The first position along an axis at which the largest element stands, or NaN if there is one. */
function firstLargest(node: Node, x: Node, axis: number): Node {
  const count = x.shape[axis]!;
  // Positions in the dtype of x stay in the loop that compares, as far as they are exact.
  if (x.dtype === "float32" && count > MOST_POSITIONS) return node;
  const ops = nodeOps(x.dtype);
  const largest = ops.max(x, { axes: [axis], keepDims: true });
  // Nothing is as large as NaN; without one no element differs from itself.
  const isLargest = ops.maximum(ops.ge(x, largest), ops.ne(x, x));
  const shape = [count, ...x.shape.slice(axis + 1).fill(1)];
  const positions = constantNode(new NdArray(allocate(x.dtype, count).map((_, i) => i), shape), x.dtype);
  const first = ops.min(ops.where(isLargest, positions, count), { axes: [axis], keepDims: false });
  return x.dtype === "float64" ? first : ops.cast(first, { dtype: "float64" });
}

/** Positions up to here are numbers of float32. */
const MOST_POSITIONS = 2 ** 24;

const RULES: { readonly [K in PrimitiveName]?: Rule<K> } = {
  argMax: (_, node, [x]) => firstLargest(node, x!, node.attributes.axis),
  logSumExp: (ops, node, [x]) => {
    const { axes } = node.attributes;
    return ops.reshape(logSumExp(ops, x!, axes), { shape: node.shape });
  },
  softmax: (ops, node, [x]) => {
    const { powers, sum } = softmax(ops, x!, [node.attributes.axis]);
    return ops.div(powers, sum);
  },
  logSoftmax: (ops, node, [x]) => {
    const { shifted, sum } = softmax(ops, x!, [node.attributes.axis]);
    return ops.sub(shifted, ops.log(sum));
  },
  normalize: (ops, node, [x]) => ops.mul(...standardize(ops, x!, node.attributes)),
  inverseDeviation: (ops, node, [x]) => standardize(ops, x!, node.attributes)[1],
  softmaxCrossEntropy: (ops, node, [logits, labels]) => {
    const axes = [logits!.shape.length - 1];
    const surprise = ops.sub(logSumExp(ops, logits!, axes), logits!);
    const terms = ops.where(ops.ne(labels!, 0), ops.mul(labels!, surprise), 0);
    return ops.reshape(ops.sum(terms, { axes, keepDims: true }), { shape: node.shape });
  },
};

/** Writes reductions that are no plain sum or maximum in terms of those, so that their parts can be fused. */
export function decompose(graph: Graph): Graph {
  return rewrite(graph, decomposed);
}

/** Whether {@linkcode decomposed} has a rule for an operation. */
export function canDecompose({ name }: Operation): boolean {
  return name in RULES;
}

/** A node in terms of plain sums and maxima, if it is another reduction. */
export function decomposed(node: Node): Node {
  // The name of its operation says which attributes the node has.
  const rule = node.operation === null
    ? undefined
    : RULES[node.operation.name as PrimitiveName] as Rule<PrimitiveName> | undefined;
  if (rule === undefined || node.operands.some((o) => o.shape.includes(0))) return node;
  return rule(nodeOps(node.dtype), node as NodeOf<PrimitiveName>, node.operands);
}
