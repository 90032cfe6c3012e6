/** Which results of a compiled function take the places of which donated arguments. */
import {
  type DonatedSlots,
  type Donations,
  type Node,
  sameType,
  type SlotSource,
} from "../../compiler/mod.ts";
import type { Call } from "./call.ts";

/** The leaves of a call that are parts of donated arguments. */
export function donatedLeaves({ leaves, argumentOf }: Call, donate: ReadonlySet<number>): number[] {
  return [...leaves.keys()].filter((leaf) => donate.has(argumentOf[leaf]!));
}

/**
 * Donations go by position: the leaves of the donated arguments and those of the results are paired in order as
 * long as they are of the same type, as in `(state, x) => [state, loss]`; from the first that is not, each leaf
 * takes the next result of its type. A single number needs no place.
 *
 * @param outputs The results of the function, without what was recorded for branches
 */
export function findDonations(
  donated: readonly number[],
  inputs: readonly Node[],
  outputs: readonly Node[],
): Donations {
  const donations = new Map<number, number>();
  const free = new Set(outputs.keys());
  let isAligned = true;
  donated.forEach((input, i) => {
    const node = inputs[input]!;
    isAligned &&= outputs[i] !== undefined && sameType(outputs[i], node);
    const output = isAligned ? i : [...free].find((o) => sameType(outputs[o]!, node));
    if (output === undefined) return;
    free.delete(output);
    if (node.shape.length > 0) donations.set(input, output);
  });
  return donations;
}

/** The places of the donated leaves of a call: one for each leaf of each argument, whatever the program. */
export function slotsFor(slots: DonatedSlots, call: Call): SlotSource {
  return {
    take(input, shape, dtype) {
      const argument = call.argumentOf[input]!;
      return slots.take(`${argument} ${input - call.argumentOf.indexOf(argument)}`, shape, dtype);
    },
    release: (slot) => slots.release(slot),
  };
}
