/** What of a program's large inputs and results has room of its own in the memory, and how much there is of that. */
import type { Graph, Node } from "../graph/nodes.ts";
import { isView, storageOf } from "../plan/memory.ts";
import { bytesOf } from "../wasm/linear_memory.ts";
import { ResultSlot } from "./donated_slots.ts";
import type { ResultUse, SlotUse } from "./program_memory.ts";

/** What takes fewer bytes is copied in and out: that costs less than looking after it. */
const LARGE = 1 << 16;
/** Bytes that all programs together may have for it. */
const MOST_BYTES = 1 << 28;

let taken = 0;

/** The room that one program has taken. */
export class OwnRoom {
  /** How much it is. */
  bytes = 0;
  readonly #slots: ResultSlot[] = [];

  /**
   * Makes places for the large results that a program computes: there they stay until they are read.
   *
   * @param uses The results that have a place already
   * @throws {RangeError} If there is no memory left
   */
  placeResults({ outputs }: Graph, uses: readonly SlotUse[]): ResultUse[] {
    const placed = new Set<Node>(uses.map(({ output }) => storageOf(outputs[output]!).root));
    const results: ResultUse[] = [];
    outputs.forEach((node, output) => {
      const { root } = storageOf(node);
      if (root.operation === null || placed.has(root)) return;
      if (isView(node) && bytesOf(root) !== bytesOf(node) || !this.#take(bytesOf(node))) return;
      placed.add(root);
      const slot = new ResultSlot(node.shape, node.dtype);
      this.#slots.push(slot);
      results.push({ output, slot });
    });
    return results;
  }

  /**
   * The large inputs that are to be read where they stand, with room of their own for when they stand elsewhere.
   *
   * @param uses The inputs that have a place already
   * @param resident Those that are known to stand in the memory
   */
  findInputs({ inputs }: Graph, uses: readonly SlotUse[], resident: ReadonlySet<number>): number[] {
    const others = new Set([...resident, ...uses.map(({ input }) => input)]);
    return [...inputs.keys()].filter((i) => !others.has(i) && this.#take(bytesOf(inputs[i]!)));
  }

  #take(bytes: number): boolean {
    if (bytes < LARGE || taken + bytes > MOST_BYTES) return false;
    taken += bytes;
    this.bytes += bytes;
    return true;
  }

  /** Gives all of it back. */
  release(): void {
    for (const slot of this.#slots.splice(0)) slot.release();
    taken -= this.bytes;
    this.bytes = 0;
  }
}
