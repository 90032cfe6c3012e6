/** Regions: loops and products that do a few rows at a time, one after the other. */
import { bytesOfElement } from "../../array/dtype.ts";
import { sizeOf } from "../../array/shape.ts";
import type { Node } from "../graph/nodes.ts";
import type { Group } from "./fusion.ts";
import { storageOf } from "./memory.ts";
import { leastRows, type Member, unitsOf } from "./region_members.ts";

/** Loops and kernels over the same rows: each row of a later one depends on the same row of those before only. */
export interface Region {
  readonly members: readonly Member[];
  readonly rows: number;
}

/** What several members read or write takes at least this many bytes, or it stays in the cache anyway. */
const LEAST_BYTES = 1 << 18;
/** If more bytes than this pass between members for the rows that have to be done at a time, they don't stay there. */
const MOST_BLOCK_BYTES = 1 << 19;

/** How a program is to be divided into regions. */
export interface RegionOptions {
  /** The groups that can be members of regions, as such. */
  readonly members: ReadonlyMap<Group, Member>;
  /** For a result that is to stand where an input stood: that input. */
  readonly predecessorOf: (node: Node) => Node | undefined;
}

/**
 * Finds runs of loops and kernels that are regions.
 *
 * @param groups In the order in which they run
 * @returns Regions, and single groups, in the same order but for kernels that turned out to be on their own
 */
export function findRegions(groups: readonly Group[], options: RegionOptions): (Group | Region)[] {
  const found: (Group | Region)[] = [];
  let run: Member[] = [];
  const end = (): void => {
    const { alone, joined } = parted(run);
    found.push(...alone.map(({ group }) => group));
    const rows = rowsOf(joined);
    if (joined.length > 1 && rows !== null && sharedBytes(joined) >= LEAST_BYTES) {
      found.push({ members: joined, rows });
    } else found.push(...joined.map(({ group }) => group));
    run = [];
  };
  for (const group of groups) {
    const member = options.members.get(group);
    if (member === undefined) {
      end();
      found.push(group);
      continue;
    }
    if (run.length > 0 && !follows(run, member)) end();
    if (!canStay(run, member, options.predecessorOf)) end();
    run.push(member);
  }
  end();
  return found;
}

/**
 * The inputs whose places results of a region may take over: those that only a loop over single elements reads, and
 * that before anything is written that is read outside.
 */
export function inPlaceOf({ members }: Region, isInner: (node: Node) => boolean): readonly Node[] {
  const first = members.findIndex(({ writes }) => !writes.every(isInner));
  const member = members[first];
  if (member === undefined || !member.isInPlace) return [];
  const others = new Set(
    members.flatMap((m) => m === member ? [] : m.reads.map(({ node }) => storageOf(node).root)),
  );
  return member.reads.filter(({ node, step }) =>
    step === 1 && storageOf(node).root === node && !others.has(node)
  )
    .map(({ node }) => node);
}

/** Kernels that nothing in a run reads and that read nothing of it; and the rest. */
function parted(run: readonly Member[]): { alone: Member[]; joined: Member[] } {
  const written = writtenBy(run);
  const read = new Set(run.flatMap(({ reads }) => reads.map(({ node }) => storageOf(node).root)));
  const isAlone = ({ plan, reads, writes }: Member): boolean =>
    plan === null && !writes.some((node) => read.has(node)) &&
    !reads.some(({ node }) => written.has(storageOf(node).root));
  return { alone: run.filter(isAlone), joined: run.filter((member) => !isAlone(member)) };
}

/**
 * Whether the results of a member that stand where inputs stood can be written row by row: no other member reads
 * those, and nothing but what is read inside is written before.
 */
function canStay(
  run: readonly Member[],
  member: Member,
  predecessorOf: (node: Node) => Node | undefined,
): boolean {
  const staysIn = ({ writes }: Member): boolean => writes.some((node) => predecessorOf(node) !== undefined);
  if (run.some(staysIn)) return false;
  if (!staysIn(member) || run.length === 0) return true;
  const predecessors = new Set(member.writes.map(predecessorOf));
  return member.isInPlace &&
    run.every(({ plan, reads }) =>
      plan === null && !reads.some(({ node }) => predecessors.has(storageOf(node).root))
    );
}

/** Whether a member reads what a run writes, and that by rows that all of them have. */
function follows(run: readonly Member[], member: Member): boolean {
  const all = [...run, member];
  const rows = rowsOf(all);
  if (rows === null) return false;
  const written = writtenBy(run);
  const isRead = member.reads.some(({ node }) => written.has(storageOf(node).root));
  const areKernels = all.every(({ plan }) => plan === null);
  if (!isRead && !areKernels) return false;
  return sharedBytes(all) / rows * leastRows(all, rows) <= MOST_BLOCK_BYTES &&
    all.every((m) => isByRows(m, rows, written));
}

function writtenBy(run: readonly Member[]): ReadonlySet<Node> {
  return new Set(run.flatMap(({ writes }) => writes));
}

/** How many rows some members have: all that those with an axis within have must be multiples; null if not. */
function rowsOf(members: readonly Member[]): number | null {
  const rows = Math.min(...members.filter(({ isFlat }) => !isFlat).map(({ length }) => length));
  return rows >= 2 && rows < Infinity && members.every(({ length }) => length % rows === 0) ? rows : null;
}

/** Whether a member reads values that others write only where these have written the same row. */
function isByRows(member: Member, rows: number, written: ReadonlySet<Node>): boolean {
  const units = unitsOf(member, rows);
  return member.reads.every(({ node, step, within }) => {
    const { root, offset } = storageOf(node);
    if (!written.has(root)) return true;
    const size = sizeOf(root.shape);
    if (offset !== 0 || sizeOf(node.shape) !== size) return false;
    return step * units * rows === size && within < step;
  });
}

/** Bytes of the values that more than one of some members reads or writes. */
function sharedBytes(run: readonly Member[]): number {
  const count = new Map<Node, number>();
  for (const { reads, writes } of run) {
    const touched = [...writes, ...reads.map(({ node }) => storageOf(node).root)];
    for (const node of new Set(touched)) count.set(node, (count.get(node) ?? 0) + 1);
  }
  const shared = [...count].filter(([, members]) => members > 1).map(([node]) => node);
  return shared.reduce((sum, { shape, dtype }) => sum + sizeOf(shape) * bytesOfElement(dtype), 0);
}

/**
 * Moves kernels to right before the loop that reads them first, so that both can be one region and what the kernel
 * computes need not be stored.
 *
 * @param groups In the order in which they run
 * @returns The same, in another order in which they can run
 */
export function placeEpilogues(
  groups: readonly Group[],
  { members, predecessorOf }: RegionOptions,
): readonly Group[] {
  const kernels = groups.filter((group) => members.get(group)?.plan === null);
  if (kernels.length === 0) return groups;
  const readers = firstReaders(groups);
  const moved = new Map<Group, Group[]>();
  const after = new Set<Group>();
  const positions = new Map(groups.map((group, i) => [group, i]));
  for (const kernel of kernels) {
    const node = kernel.nodes[0]!;
    const reader = readers.get(node);
    if (reader === undefined || !members.get(reader)?.plan) continue;
    const operands = new Set(node.operands.map((operand) => storageOf(operand).root));
    const between = groups.slice(positions.get(kernel)! + 1, positions.get(reader)!);
    // What it reads must not have been given up for a result that stands in its place.
    const overwrites = between.some(({ nodes }) =>
      nodes.some((other) => {
        const predecessor = predecessorOf(other);
        return predecessor !== undefined && operands.has(predecessor);
      })
    );
    if (overwrites) continue;
    moved.set(reader, [...moved.get(reader) ?? [], kernel]);
    after.add(kernel);
  }
  return groups.flatMap((group) => after.has(group) ? [] : [...moved.get(group) ?? [], group]);
}

/** The group that reads a value first, or a view of it. */
function firstReaders(groups: readonly Group[]): ReadonlyMap<Node, Group> {
  const readers = new Map<Node, Group>();
  for (const group of groups) {
    for (const node of group.nodes) {
      for (const operand of node.operands) {
        const { root } = storageOf(operand);
        if (!readers.has(root)) readers.set(root, group);
      }
    }
  }
  return readers;
}
