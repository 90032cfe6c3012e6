import { allocate, type DType } from "../../array/dtype.ts";
import { placeArray } from "../../array/strided_copy.ts";
import { NdArray } from "../../array/nd_array.ts";
import { flatIndex, type Shape, sizeOf } from "../../array/shape.ts";
import { Operation, operation as op, type Primitive } from "../../primitives/mod.ts";
import { toArray } from "../../array/value.ts";
import { type Graph, type Node, nodesOf, operationNode, sameType, withOperands } from "../graph/nodes.ts";

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

/**
 * Adds up blocks in place: turns every sum of two or more `place`s into one operation.
 *
 * @param simplify Gives what takes the place of a node that has changed by it
 */
export function assemblePlaces(graph: Graph, simplify: (node: Node) => Node = (node) => node): Graph {
  const nodes = nodesOf(graph);
  if (!nodes.some((node) => node.operation === op.place)) return graph;
  const sums = new Set(nodes.filter(isSum));
  const readers = readersOf(nodes, sums);
  const outputs = new Set(graph.outputs);
  const isInner = (node: Node): boolean => {
    const reader = readers.get(node);
    return reader !== undefined && reader !== null && sums.has(reader) && !outputs.has(node);
  };
  const terms = new Map<Node, readonly Node[]>();
  for (const node of sums) {
    if (isInner(node)) continue;
    const leaves = collectTerms(node, isInner);
    if (leaves.filter((leaf) => leaf.operation === op.place).length >= 2) terms.set(node, leaves);
  }
  if (terms.size === 0) return graph;
  const replaced = new Map<Node, Node>();
  const current = (node: Node): Node => replaced.get(node) ?? node;
  for (const node of nodes) {
    const leaves = terms.get(node);
    const made = leaves === undefined ? withOperands(node, current) : assembled(node, leaves.map(current));
    if (made !== node) replaced.set(node, simplify(made));
  }
  return { inputs: graph.inputs, outputs: graph.outputs.map(current) };
}

/** Whether a node adds up two arrays of its type: nothing is placed into the single numbers that most sums are of. */
function isSum(node: Node): boolean {
  return node.operation === op.add && node.shape.length > 0 && node.operands.every((o) => sameType(o, node));
}

/** The only node that reads each of some nodes; null where there are several. */
function readersOf(nodes: readonly Node[], wanted: ReadonlySet<Node>): Map<Node, Node | null> {
  const readers = new Map<Node, Node | null>();
  for (const node of nodes) {
    for (const operand of node.operands) {
      if (!wanted.has(operand)) continue;
      const known = readers.get(operand);
      readers.set(operand, known === undefined || known === node ? node : null);
    }
  }
  return readers;
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
