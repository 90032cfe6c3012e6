/** Where values stand in memory. */
import { flatIndex, type Shape, sizeOf } from "../../array/shape.ts";
import { type Graph, type Node, operationNode } from "../graph/nodes.ts";
import { operation as op } from "../../primitives/mod.ts";

/** How a target lays values out in its memory. */
export interface Layout {
  /** The bytes of a node's value. */
  bytesOf(node: Node): number;
  /** Every place starts at a multiple of this many bytes. */
  readonly alignment: number;
  /** Bytes behind each value that can be read and written: vectors may reach over the end. */
  readonly slack: number;
}

/** The bytes to set aside for a value of so many bytes. */
export function placeSize({ alignment, slack }: Layout, bytes: number): number {
  return Math.ceil((bytes + slack) / alignment) * alignment;
}

/** A step of a program as the planner sees it. */
export interface PlannedStep {
  /** The nodes it reads. */
  readonly reads: readonly Node[];
  /** The nodes it writes. */
  readonly writes: readonly Node[];
  /** Bytes of workspace it needs while it runs. */
  readonly scratch: number;
  /** Reads whose place a write of the same size may take over, element by element. */
  readonly inPlace: readonly Node[];
}

/** Where values stand, in bytes from the start of the program's memory. */
export interface MemoryPlan {
  /** The offset of each node's value. */
  readonly offsets: ReadonlyMap<Node, number>;
  /** The offset of the workspace of each step. */
  readonly scratch: readonly number[];
  /** The results that stand where an input stood. */
  readonly writtenInPlace: ReadonlySet<Node>;
  /** All bytes together. */
  readonly bytes: number;
  /** How many bytes it would be if nothing shared its place. */
  readonly unsharedBytes: number;
}

/**
 * The node whose memory a node's value is a part of, and where in it, in elements: for reshapes and whole-row
 * slices.
 */
export function storageOf(node: Node): { root: Node; offset: number } {
  let root = node;
  let offset = 0;
  for (;;) {
    const from = root.operands[0];
    if (root.operation === op.reshape || root.operation === op.identity) root = from!;
    else if (op.slice.is(root) && isContiguous(root, root.attributes.size)) {
      offset += flatIndex(root.attributes.begin, from!.shape);
      root = from!;
    } else return { root, offset };
  }
}

/** Whether a node is another view of its operand's memory. */
export function isView(node: Node): boolean {
  return storageOf(node).root !== node;
}

/** Whether a block of an array is one run of its elements. */
function isContiguous(node: Node, size: Shape): boolean {
  const { shape } = node.operands[0]!;
  let axis = 0;
  while (axis < size.length && size[axis] === 1) axis++;
  return size.every((length, i) => i <= axis || length === shape[i]);
}

/**
 * Gives every value a place, using places again once nothing reads what stood there.
 *
 * @param isFixed Whether a value has a place of its own already
 * @param layout How the target lays values out
 * @param successors For results that are to stand where an input stands: that input
 */
export function planMemory(
  steps: readonly PlannedStep[],
  inputs: readonly Node[],
  outputs: readonly Node[],
  isFixed: (node: Node) => boolean,
  layout: Layout,
  successors: ReadonlyMap<Node, Node> = new Map(),
): MemoryPlan {
  const lastRead = new Map<Node, number>();
  steps.forEach((step, i) => step.reads.forEach((node) => lastRead.set(storageOf(node).root, i)));
  outputs.forEach((node) => lastRead.set(storageOf(node).root, Infinity));
  const space = new Space();
  const offsets = new Map<Node, number>();
  const scratch: number[] = [];
  const writtenInPlace = new Set<Node>();
  let unsharedBytes = 0;
  const placeOf = (node: Node): number => placeSize(layout, layout.bytesOf(node));
  const give = (node: Node): void => {
    unsharedBytes += placeOf(node);
    offsets.set(node, space.take(placeOf(node)));
  };
  for (const input of inputs) if (!isFixed(input)) give(input);
  steps.forEach((step, i) => {
    const taken = new Set<Node>();
    for (const node of step.writes) {
      if (isFixed(node)) continue;
      const predecessor = successors.get(node);
      if (predecessor !== undefined) {
        const last = lastRead.get(predecessor) ?? -1;
        if (last < i || (last === i && step.inPlace.includes(predecessor))) {
          writtenInPlace.add(node);
          continue;
        }
      }
      const over = step.inPlace.find((read) =>
        !taken.has(read) && lastRead.get(read) === i && !isFixed(read) && offsets.has(read) &&
        layout.bytesOf(read) === layout.bytesOf(node)
      );
      if (over === undefined) give(node);
      else {
        taken.add(over);
        offsets.set(node, offsets.get(over)!);
        unsharedBytes += placeOf(node);
      }
    }
    const size = step.scratch === 0 ? 0 : placeSize(layout, step.scratch);
    const workspace = size === 0 ? 0 : space.take(size);
    unsharedBytes += size;
    scratch.push(workspace);
    if (size > 0) space.giveBack(workspace, size);
    const done = new Set([...step.reads.map((node) => storageOf(node).root), ...step.writes]);
    for (const node of done) {
      if (isFixed(node) || taken.has(node) || !offsets.has(node)) continue;
      if ((lastRead.get(node) ?? -1) <= i) space.giveBack(offsets.get(node)!, placeOf(node));
    }
  });
  return { offsets, scratch, writtenInPlace, bytes: space.size, unsharedBytes };
}

/** Bytes handed out by best fit. */
class Space {
  /** The highest byte ever in use. */
  size = 0;
  #free: { start: number; size: number }[] = [];

  take(bytes: number): number {
    let best: { start: number; size: number } | undefined;
    for (const gap of this.#free) {
      if (gap.size >= bytes && (best === undefined || gap.size < best.size)) best = gap;
    }
    if (best === undefined) {
      const start = this.size;
      this.size += bytes;
      return start;
    }
    const { start } = best;
    best.start += bytes;
    best.size -= bytes;
    if (best.size === 0) this.#free.splice(this.#free.indexOf(best), 1);
    return start;
  }

  giveBack(start: number, bytes: number): void {
    const gap = { start, size: bytes };
    this.#free = this.#free.filter((other) => {
      if (other.start + other.size !== gap.start && gap.start + gap.size !== other.start) return true;
      gap.start = Math.min(gap.start, other.start);
      gap.size += other.size;
      return false;
    });
    this.#free.push(gap);
  }
}

/**
 * Copies results that are a small part of a large value. As a view of it they would keep all of its place until
 * the end of the program, so that nothing could be written over it.
 */
export function copySlices(graph: Graph): Graph {
  const outputs = graph.outputs.map((node) => {
    const { root } = storageOf(node);
    const [part, whole] = [sizeOf(node.shape), sizeOf(root.shape)];
    return root.value === null && part > 0 && 2 * part < whole ? copyOf(node) : node;
  });
  return outputs.every((node, i) => node === graph.outputs[i]) ? graph : { inputs: graph.inputs, outputs };
}

function copyOf(node: Node): Node {
  if (node.shape.length > 0) return operationNode(op.concat, [node], { axis: 0 }, node.dtype);
  const flat = operationNode(op.reshape, [node], { shape: [1] }, node.dtype);
  return operationNode(op.reshape, [copyOf(flat)], { shape: [] }, node.dtype);
}
