/** Loops that go over the same rows one after the other, so that a few rows at a time can pass through all of them. */
import { bytesOfElement } from "../../array/dtype.ts";
import { sizeOf } from "../../array/shape.ts";
import type { Node } from "../graph/nodes.ts";
import { divisionOf } from "./division.ts";
import type { Group } from "./fusion.ts";
import type { LoopPlan } from "./loops.ts";
import { storageOf } from "./memory.ts";

/** A group that is a loop. */
export interface Loop {
  readonly group: Group;
  readonly plan: LoopPlan;
}

/** Loops over the same rows: each row of a later one depends on the same row of those before only. */
export interface Region {
  readonly loops: readonly Loop[];
  readonly rows: number;
}

/** What several loops read or write takes at least this many bytes, or it stays in the cache anyway. */
const LEAST_BYTES = 1 << 18;

/**
 * Finds runs of loops that are regions.
 *
 * @param groups In the order in which they run
 * @param planOf The plan of a group that is a loop, else null
 * @param stays Whether a result has to stand where an input stood, so that it can't be written row by row
 * @returns Regions, and single groups, in the same order
 */
export function findRegions(
  groups: readonly Group[],
  planOf: (group: Group) => LoopPlan | null,
  stays: (node: Node) => boolean,
): (Group | Region)[] {
  const found: (Group | Region)[] = [];
  let run: Loop[] = [];
  const end = (): void => {
    const rows = rowsOf(run);
    if (run.length > 1 && rows !== null && sharedBytes(run) >= LEAST_BYTES) found.push({ loops: run, rows });
    else found.push(...run.map(({ group }) => group));
    run = [];
  };
  for (const group of groups) {
    const plan = planOf(group);
    if (plan === null || !hasRows(plan) || writesOf(plan).some(stays)) {
      end();
      found.push(group);
      continue;
    }
    const loop = { group, plan };
    if (run.length > 0 && !follows(run, loop)) end();
    run.push(loop);
  }
  end();
  return found;
}

/** What a loop writes. */
export function writesOf({ stores, reductions }: LoopPlan): Node[] {
  return [...stores, ...reductions.map(({ node }) => node)];
}

/** How many elements a loop has along its outermost axis for each row. */
export function unitsOf({ lengths }: LoopPlan, rows: number): number {
  return lengths[0]! / rows;
}

/** Whether a loop can be done some rows at a time, with all that it writes for a row known after that row. */
function hasRows(plan: LoopPlan): boolean {
  const division = divisionOf(plan);
  if (division === null || division.chunks > 0 || !plan.reductions.every((r) => r.direct)) return false;
  return plan.lengths.length > 1 || plan.reductions.length === 0;
}

/** Whether a loop reads what a run of loops writes, and that by rows that all of them have. */
function follows(run: readonly Loop[], loop: Loop): boolean {
  const written = new Set(run.flatMap(({ plan }) => writesOf(plan)));
  const isRead = loop.plan.sources.some(({ node }) => written.has(storageOf(node).root));
  const all = [...run, loop];
  const rows = rowsOf(all);
  if (!isRead || rows === null) return false;
  return all.every(({ plan }) => plan.sources.every((source) => isByRows(plan, source, rows, written)));
}

/** The rows of some loops: those of the loops that have an axis within, which have to be as many; null if not. */
function rowsOf(loops: readonly Loop[]): number | null {
  const nested = loops.filter(({ plan }) => plan.lengths.length > 1);
  const rows = nested[0]?.plan.lengths[0];
  if (rows === undefined || rows < 2) return null;
  const fits = loops.every(({ plan: { lengths } }) =>
    lengths.length > 1 ? lengths[0] === rows : lengths[0]! % rows === 0
  );
  return fits ? rows : null;
}

/** Whether a loop reads a value that another loop writes only where that has written the same row. */
function isByRows(
  plan: LoopPlan,
  { node, strides }: LoopPlan["sources"][number],
  rows: number,
  written: ReadonlySet<Node>,
): boolean {
  const { root, offset } = storageOf(node);
  if (!written.has(root)) return true;
  const size = sizeOf(root.shape);
  if (offset !== 0 || sizeOf(node.shape) !== size) return false;
  const within = plan.lengths.reduce((sum, n, axis) => axis === 0 ? sum : sum + (n - 1) * strides[axis]!, 0);
  const step = strides[0]! * unitsOf(plan, rows);
  return step * rows === size && within < step;
}

/** Bytes of the values that more than one of some loops reads or writes. */
function sharedBytes(run: readonly Loop[]): number {
  const loopsOf = new Map<Node, number>();
  for (const { plan } of run) {
    const touched = [...writesOf(plan), ...plan.sources.map(({ node }) => storageOf(node).root)];
    for (const node of new Set(touched)) loopsOf.set(node, (loopsOf.get(node) ?? 0) + 1);
  }
  const shared = [...loopsOf].filter(([, loops]) => loops > 1).map(([node]) => node);
  return shared.reduce((sum, { shape, dtype }) => sum + sizeOf(shape) * bytesOfElement(dtype), 0);
}
