/** What regions consist of: loops, and products and convolutions, which are kernels. */
import { bytesOfElement } from "../../array/dtype.ts";
import { sizeOf } from "../../array/shape.ts";
import type { Node } from "../graph/nodes.ts";
import { divisionOf } from "./division.ts";
import type { Group } from "./fusion.ts";
import type { LoopPlan } from "./loops.ts";
import { isProduct, productsOf } from "./products.ts";

/** A value that a member reads, in elements. */
export interface Reading {
  readonly node: Node;
  /** How far the part that one unit reads is from that of the unit before; 0 if each reads all. */
  readonly step: number;
  /** How far the last element of a part is from its first. */
  readonly within: number;
}

/** A loop or a kernel that can be done some of its units at a time. */
export interface Member {
  readonly group: Group;
  /** How many units it consists of: its length along the outermost axis, its rows, or matrices or images. */
  readonly length: number;
  /** So many units have to pass through at a time, or what each has to read anew costs too much. */
  readonly leastUnits: number;
  /** Whether its units are single elements, any number of which can be a row. */
  readonly isFlat: boolean;
  /** Whether it reads an element of an array only to write the same element of others. */
  readonly isInPlace: boolean;
  readonly reads: readonly Reading[];
  /** What it writes, unit by unit. */
  readonly writes: readonly Node[];
  /** The loop it is; null for a kernel. */
  readonly plan: LoopPlan | null;
}

/** With more sources than this the vectors of a loop would not fit in registers. */
const MOST_SOURCES = 8;
/** Results of kernels of fewer bytes stay in the cache as well when they are made as a whole. */
const LEAST_BYTES = 1 << 20;
/** Products of fewer rows or columns are done as a whole. */
const LEAST_ROWS = 48;
const LEAST_COLUMNS = 16;

/** Rows of the blocks in which a kernel reads a packed right operand once. */
const BLOCK_ROWS = 24;
/** Batches of fewer products or images leave too little to divide between threads. */
const LEAST_BATCH = 8;

/**
 * A group as a member of a region; null if it can't be one.
 *
 * @param plan Its plan, if it is a loop
 * @param isKernel Whether a group is a product or a convolution that can be called for some of its rows or images
 */
export function memberOf(
  group: Group,
  plan: LoopPlan | undefined,
  isKernel: (group: Group) => boolean,
): Member | null {
  if (plan !== undefined) return loopMember(group, plan);
  const node = group.nodes[0]!;
  if (sizeOf(node.shape) * bytesOfElement(node.dtype) < LEAST_BYTES || !isKernel(group)) return null;
  const rows = isProduct(node) ? productRows(node) : imageRows(node);
  return rows &&
    { leastUnits: 1, ...rows, group, isFlat: false, isInPlace: false, writes: [node], plan: null };
}

/** How many units of a member make a row. */
export function unitsOf({ length }: Member, rows: number): number {
  return length / rows;
}

/** How many rows have to pass through some members at a time, at least. */
export function leastRows(members: readonly Member[], rows: number): number {
  return Math.max(...members.map((member) => Math.ceil(member.leastUnits / unitsOf(member, rows))));
}

/** What a loop writes. */
export function writesOf({ stores, reductions }: LoopPlan): Node[] {
  return [...stores, ...reductions.map(({ node }) => node)];
}

/**
 * Whether a loop loads all it reads before it stores anything, so that results may take the place of what was
 * read.
 */
export function loadsFirst(plan: LoopPlan): boolean {
  return plan.stores.length > 0 && plan.sources.length <= MOST_SOURCES;
}

/** Whether results of a loop may take the place of what it reads, element by element. */
export function isInPlace(plan: LoopPlan): boolean {
  return loadsFirst(plan) && plan.lengths.length === 1 && plan.reductions.every((r) => r.direct);
}

/** A loop that can be done some rows at a time, with all that it writes for a row known after that row. */
function loopMember(group: Group, plan: LoopPlan): Member | null {
  const { lengths, reductions, sources } = plan;
  const division = divisionOf(plan);
  if (division === null || division.chunks > 0 || !reductions.every((r) => r.direct)) return null;
  const isFlat = lengths.length === 1;
  if (isFlat && reductions.length > 0) return null;
  return {
    group,
    length: lengths[0]!,
    leastUnits: 1,
    isFlat,
    isInPlace: isInPlace(plan),
    reads: sources.map(({ node, strides }) => ({
      node,
      step: strides[0]!,
      within: lengths.reduce((sum, n, axis) => axis === 0 ? sum : sum + (n - 1) * strides[axis]!, 0),
    })),
    writes: writesOf(plan),
    plan,
  };
}

/** What a kernel reads for each of its units. */
type Rows = Pick<Member, "length" | "reads"> & Partial<Pick<Member, "leastUnits">>;

/**
 * Products of one right operand, or a batch whose matrices are equally far apart. The right operand is packed as a
 * whole, which should not take more room than the product, which need not be stored.
 */
function productRows(node: Node): Rows | null {
  const [x, y] = node.operands as [Node, Node];
  const { rows, depth, columns, xRow, yRow, transposeX, transposeY, batch } = productsOf(node);
  if (batch.length > 1) return null;
  const step = batch[0]?.step;
  if (step === undefined) {
    if (rows < LEAST_ROWS || columns < LEAST_COLUMNS || depth > rows) return null;
    const left = transposeX ? { step: 1, within: (depth - 1) * xRow } : { step: xRow, within: depth - 1 };
    return { length: rows, leastUnits: BLOCK_ROWS, reads: [{ node: x, ...left }, whole(y)] };
  }
  if (step.out !== rows * columns || batch[0]!.length < LEAST_BATCH) return null;
  const left = transposeX ? (depth - 1) * xRow + rows - 1 : (rows - 1) * xRow + depth - 1;
  const right = transposeY ? (columns - 1) * yRow + depth - 1 : (depth - 1) * yRow + columns - 1;
  return {
    length: batch[0]!.length,
    reads: [{ node: x, step: step.x, within: left }, { node: y, step: step.y, within: right }],
  };
}

/** The images of a convolution, each with all filters. */
function imageRows(node: Node): Rows | null {
  const [x, y] = node.operands as [Node, Node];
  const images = node.shape[0]!;
  if (images < LEAST_BATCH) return null;
  const step = sizeOf(x.shape) / images;
  return { length: images, reads: [{ node: x, step, within: step - 1 }, whole(y)] };
}

function whole(node: Node): Reading {
  return { node, step: 0, within: sizeOf(node.shape) - 1 };
}
