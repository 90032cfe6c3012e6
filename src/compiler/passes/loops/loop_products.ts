/** Products in loops: those that need no state, those that the walk backwards needs again, and sums of them. */
import { sameShape, sizeOf } from "../../../array/shape.ts";
import { liveNodes, type Node, nodeOps, sameType, withOperands } from "../../graph/nodes.ts";
import { CommonRows } from "../common_rows.ts";
import {
  allValues,
  canKeep,
  endsOf,
  type Given,
  newInput,
  type OpenLoop,
  replaceInStep,
  resolve,
  type State,
} from "./open_loop.ts";
import { operation as op } from "../../../primitives/mod.ts";

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
