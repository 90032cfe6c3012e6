/** The code of what regions consist of. */
import type { Node } from "../../graph/nodes.ts";
import type { WasmFunction } from "../../wasm/writer.ts";
import type { Call } from "../step_function.ts";

/** What a member is called with. */
export type PartArgument =
  /** A value, and by how many bytes the part of a unit is after that of the unit before. */
  | { readonly kind: "value"; readonly node: Node; readonly step: number }
  /** What was packed once for all rows: that many bytes into the workspace. */
  | { readonly kind: "packed"; readonly start: number }
  /** Room of its own. */
  | { readonly kind: "room" }
  | { readonly kind: "number"; readonly value: number }
  /** How many units are to be done. */
  | { readonly kind: "count" };

/** The code of a member, for some of its units. */
export interface Part {
  readonly code: WasmFunction;
  readonly arguments: readonly PartArgument[];
  /** What is called with the same arguments in each thread, once before the first rows; null if nothing is. */
  readonly prepare: WasmFunction | null;
  /** Bytes of room of its own that it needs. */
  readonly room: number;
  /** About how many instructions on vectors all of it takes. */
  readonly work: number;
  /** Whether other threads can compute it. */
  readonly canDivide: boolean;
  /** What has to run before the region, if anything, and how many bytes of workspace that fills for it. */
  readonly before: { readonly call: Call; readonly bytes: number } | null;
}
