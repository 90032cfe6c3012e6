import { allocate, type DType } from "../../array/dtype.ts";
import { placeArray } from "../../array/strided_copy.ts";
import { NdArray } from "../../array/nd_array.ts";
import { flatIndex, type Shape, sizeOf } from "../../array/shape.ts";
import { Operation, operation as op, type Primitive } from "../../primitives/mod.ts";
import { toArray } from "../../array/value.ts";
import { type Graph, type Node, nodesOf, operationNode, sameType } from "../graph/nodes.ts";
import { readersOf } from "../graph/readers.ts";

/** Where the parts of an assembled array go. */
export interface Assembly {
  readonly shape: Shape;
  /** Where the block of each part begins. */
  readonly begins: readonly Shape[];
}

/** Zeros with each operand added into its block: the sum of many `place`s without one array for each. */
const primitive: Primitive<"list", Assembly> = {
  arity: "list",
  shape: (_, { shape }) => shape,
  forward: (parts, { shape, begins }, _, dtype) => assembleArray(parts.map(toArray), begins, shape, dtype),
  vjp: [null],
  jvp: [null],
  samples: [],
};

/** The operation of the compiler alone that stands for a sum of `place`s. */
export const assemble: Operation<Assembly> = new Operation(
  -1,
  "assemble",
  primitive as Primitive<"list", unknown>,
);

function assembleArray(
  parts: readonly NdArray[],
  begins: readonly Shape[],
  shape: Shape,
  dtype: DType,
): NdArray {
  const out = new NdArray(allocate(dtype, sizeOf(shape)), shape);
  parts.forEach((part, i) => {
    if (part.size === 1) out.data[flatIndex(begins[i]!, shape)]! += part.data[0]!;
    else {
      const placed = placeArray(part, begins[i]!, shape).data;
      for (let k = 0; k < placed.length; k++) out.data[k]! += placed[k]!;
    }
  });
  return out;
}

/** Adds up blocks in place: turns every sum of two or more `place`s into one operation. */
export function assemblePlaces(graph: Graph): Graph {
  const nodes = nodesOf(graph);
  if (!nodes.some((node) => node.operation === op.place)) return graph;
  const readers = readersOf(graph);
  const outputs = new Set(graph.outputs);
  const isSum = (node: Node): boolean =>
    node.operation === op.add && node.operands.every((o) => sameType(o, node));
  const isInner = (node: Node): boolean => {
    const list = readers.get(node);
    return isSum(node) && !outputs.has(node) && list?.length === 1 && isSum(list[0]!);
  };
  const terms = new Map<Node, readonly Node[]>();
  for (const node of nodes) {
    if (!isSum(node) || isInner(node)) continue;
    const leaves = collectTerms(node, isInner);
    if (leaves.filter((leaf) => leaf.operation === op.place).length >= 2) terms.set(node, leaves);
  }
  if (terms.size === 0) return graph;
  const replaced = new Map<Node, Node>();
  for (const node of nodes) {
    const leaves = terms.get(node);
    const operands = node.operands.map((o) => replaced.get(o) ?? o);
    const same = operands.every((o, k) => o === node.operands[k]);
    if (leaves === undefined) {
      replaced.set(node, same || node.operation === null ? node : { ...node, operands });
    } else replaced.set(node, assembled(node, leaves.map((leaf) => replaced.get(leaf) ?? leaf)));
  }
  return { inputs: graph.inputs, outputs: graph.outputs.map((o) => replaced.get(o)!) };
}

function collectTerms(root: Node, isInner: (node: Node) => boolean): Node[] {
  const leaves: Node[] = [];
  const open = [...root.operands].reverse();
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (isInner(node)) open.push(...[...node.operands].reverse());
    else leaves.push(node);
  }
  return leaves;
}

function assembled(node: Node, leaves: readonly Node[]): Node {
  const places = leaves.filter((leaf) => op.place.is(leaf));
  const others = leaves.filter((leaf) => leaf.operation !== op.place);
  const sum = operationNode(assemble, places.map((p) => p.operands[0]!), {
    shape: node.shape,
    begins: places.map((p) => p.attributes.begin),
  }, node.dtype);
  return others.reduce((total, other) => operationNode(op.add, [total, other], undefined, node.dtype), sum);
}
