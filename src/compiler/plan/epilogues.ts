/** Products and convolutions that hand each row to what reads it: bias, activation, mask, or the update of an optimizer. */
import type { Node } from "../graph/nodes.ts";
import type { Group } from "./fusion.ts";
import { storageOf } from "./memory.ts";
import { memberOf } from "./region_members.ts";
import type { RegionOptions } from "./regions.ts";

/**
 * Moves kernels to right before the loop that reads them first, so that both can be one region and what the kernel
 * computes need not be stored.
 *
 * @param groups In the order in which they run
 * @returns The same, in another order in which they can run
 */
export function placeEpilogues(
  groups: readonly Group[],
  options: RegionOptions,
): readonly Group[] {
  const kernels = groups.filter((group) => memberOf(group, options)?.plan === null);
  if (kernels.length === 0) return groups;
  const readers = firstReaders(groups);
  const moved = new Map<Group, Group[]>();
  const after = new Set<Group>();
  const positions = new Map(groups.map((group, i) => [group, i]));
  for (const kernel of kernels) {
    const node = kernel.nodes[0]!;
    const reader = readers.get(node);
    if (reader === undefined || options.planOf(reader) === null) continue;
    const operands = new Set(node.operands.map((operand) => storageOf(operand).root));
    const between = groups.slice(positions.get(kernel)! + 1, positions.get(reader)!);
    // What it reads must not have been given up for a result that stands in its place.
    const overwrites = between.some(({ nodes }) =>
      nodes.some((other) => {
        const predecessor = options.predecessorOf(other);
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
