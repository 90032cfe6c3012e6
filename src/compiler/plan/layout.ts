import type { Node } from "../graph/nodes.ts";

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
