/** Sums of matrix products over the steps of a loop: they are one product after it. */
import { sizeOf } from "../../../array/shape.ts";
import { operation as op } from "../../../primitives/mod.ts";
import { liveNodes, type Node, nodeOps, sameType } from "../../graph/nodes.ts";
import { allValues, canKeep, endsOf, type OpenLoop, resolve, type State } from "./open_loop.ts";

/** What is added to a state in every step, and what its sum is, once the loop is closed. */
interface Sum {
  readonly state: State;
  readonly make: () => Node;
}

/** Takes parts of the state that only add up products, or rows, out of a loop: gradients of what all steps use. */
export function sinkSums(open: OpenLoop): void {
  // What is kept of every step has to be there in every step.
  if (open.loop.iteration.keepsStates) return;
  const sums: Sum[] = [];
  for (const state of open.states) {
    const product = termOf(open, state);
    if (product === null || !isTransposedProduct(product) || !canSink(open, product)) continue;
    const [x, y] = product.operands.map((operand) => asRows(allValues(open, operand))) as [Maker, Maker];
    const ops = nodeOps(product.dtype);
    const make = () => ops.matmul(x(), y(), { transposeX: true, transposeY: false });
    sums.push({ state, make });
  }
  for (const state of open.states) {
    const found = rowsOf(termOf(open, state));
    if (found === null || !isOutput(open, found.rows)) continue;
    const all = allValues(open, found.rows);
    const ops = nodeOps(found.rows.dtype);
    const make = (): Node => {
      const axes = [0, ...found.axes.map((axis) => axis + 1)];
      return ops.reshape(ops.sum(all(), { axes, keepDims: false }), { shape: state.input.shape });
    };
    sums.push({ state, make });
  }
  for (const { state, make } of sums) remove(open, state, make);
}

type Maker = () => Node;

/** The values of all steps under each other, as one matrix. */
function asRows(all: Maker): Maker {
  return () => {
    const node = all();
    const width = node.shape.at(-1)!;
    return nodeOps(node.dtype).reshape(node, { shape: [sizeOf(node.shape) / width, width] });
  };
}

/** What is added to a state in every step, if nothing else is done with it; else null. */
function termOf(open: OpenLoop, { input, next }: State): Node | null {
  if (!op.add.is(next)) return null;
  const ends = endsOf(open);
  const isReadElsewhere = (node: Node): boolean =>
    node !== next && node.operands.some((operand: Node) => operand === input || operand === next);
  if (ends.filter((end) => end === next).length !== 1 || liveNodes(ends).some(isReadElsewhere)) return null;
  const [x, y] = next.operands as [Node, Node];
  const term = x === input ? y : y === input ? x : null;
  return term !== null && term !== input && sameType(term, input) ? term : null;
}

function isTransposedProduct(node: Node): boolean {
  return op.matmul.is(node) && node.attributes.transposeX && !node.attributes.transposeY &&
    node.operands.every(({ shape, dtype }) => shape.length === 2 && dtype === node.dtype);
}

/** Whether keeping the operands of a product in every step takes less than adding it up. */
function canSink(open: OpenLoop, product: Node): boolean {
  const isSlice = (x: Node): boolean => open.slices.some(({ input }) => input === x);
  const added = product.operands.filter((x) => !isSlice(x) && !isOutput(open, x));
  const size = added.reduce((sum, x) => sum + sizeOf(x.shape), 0);
  return size <= sizeOf(product.shape) && added.every((x) => canKeep(open, x) && !isFixed(open, x));
}

function isOutput({ outputs }: OpenLoop, node: Node): boolean {
  return outputs.some((output) => output.node === node);
}

function isFixed({ fixed }: OpenLoop, node: Node): boolean {
  return node.operation === null && (node.input < 0 || fixed.some(({ input }) => input === node));
}

/** The rows that a node is the sum of, and along which axes; null if it is no such sum. */
function rowsOf(term: Node | null): { rows: Node; axes: readonly number[] } | null {
  let node = term;
  while (node !== null && (op.reshape.is(node) || op.broadcastTo.is(node))) {
    if (sizeOf(node.shape) !== sizeOf(node.operands[0]!.shape)) return null;
    node = node.operands[0]!;
  }
  return node !== null && op.sum.is(node) ? { rows: node.operands[0]!, axes: node.attributes.axes } : null;
}

/** Removes a state; its last value is its first one and a sum. */
function remove(open: OpenLoop, state: State, make: Maker): void {
  open.states = open.states.filter((other) => other !== state);
  for (const [part, place] of open.parts) {
    if (place.kind !== "last" || place.state !== state) continue;
    const total = (): Node => {
      const start = resolve(open, state.from);
      return nodeOps(start.dtype).add(start, make());
    };
    open.parts.set(part, { kind: "made", make: total });
  }
  open.isChanged = true;
}
