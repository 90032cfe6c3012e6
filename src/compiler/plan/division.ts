/** How the work of a step is divided between threads. */
import { sizeOf } from "../../array/shape.ts";
import type { LoopPlan, LoopReduction } from "./loops.ts";

/** How a range is divided. */
export interface Division {
  /** How long the range is. */
  readonly length: number;
  /** All parts but the last are multiples of this. */
  readonly multiple: number;
  /**
   * How many chunks the range has for results that are put together from those of the chunks; 0 if any division
   * gives the same. It depends on the range only, never on the number of threads.
   */
  readonly chunks: number;
}

/** Loops over fewer elements than this have no chunks. */
const LEAST_FOR_CHUNKS = 1 << 17;
/** Chunks of a range: as many for each of 1, 2, 3, 4, 6 or 12 threads. */
const CHUNKS = 12;
/** Elements of a cache line, at most: no two threads write to the same one. */
export const LINE = 16;
/** Ranges of more multiples than this are not divided: their bounds are computed in 32 bits. */
const MOST_UNITS = 1 << 27;

/** Work from which on a step is divided, in instructions on vectors: some 30 us. */
export const LEAST_WORK = 100_000;
/** From so many times that on, for all divided steps together, the other threads are woken. */
export const TOGETHER = 4;

/** How a loop may be divided along its outermost axis; null if it may not. */
export function divisionOf(plan: LoopPlan): Division | null {
  const { lengths, reductions } = plan;
  const length = lengths[0]!;
  const multiple = lengths.length === 1 ? LINE : 1;
  const units = Math.ceil(length / multiple);
  if (units < 2 || units > MOST_UNITS) return null;
  if (reductions.some((r) => r.strides[0] !== 0 && !r.direct && !fillsVectors(plan, r))) return null;
  const partial = reductions.filter(({ strides }) => strides[0] === 0);
  if (partial.length === 0) return { length, multiple, chunks: 0 };
  const elements = lengths.reduce((product, n) => product * n, 1);
  const results = partial.reduce((sum, { node }) => sum + sizeOf(node.shape), 0);
  const chunks = Math.min(CHUNKS, units);
  // Room for the results of the chunks should be little next to what the loop reads.
  return elements < LEAST_FOR_CHUNKS || 4 * chunks * results > elements ? null : { length, multiple, chunks };
}

/**
 * Whether the results that belong to one step along the outermost axis are whole vectors: a loop that adds to rows in
 * memory adds zeros to what follows them otherwise, maybe another thread's.
 */
function fillsVectors({ dtype, lengths }: LoopPlan, { node, strides }: LoopReduction): boolean {
  const lanes = dtype === "float32" ? 4 : 2;
  const isRow = strides[0]! * lengths[0]! === sizeOf(node.shape);
  return isRow && strides[0]! % lanes === 0 && (strides.at(-1) === 0 || lengths.at(-1)! % lanes === 0);
}
