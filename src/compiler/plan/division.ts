/** How the work of a step is divided between threads. */
import { sizeOf } from "../../array/shape.ts";
import type { LoopPlan, LoopReduction } from "./loops.ts";
import { paddedSize } from "./sizes.ts";
import {
  addressFunction,
  br_if,
  f32x4,
  f64,
  f64x2,
  i32,
  local,
  loop,
  v128,
  type WasmFunction,
} from "../wasm/writer.ts";

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
const LINE = 16;
/** Ranges of more multiples than this are not divided: their bounds are computed in 32 bits. */
const MOST_UNITS = 1 << 27;

/** Work from which on a step is divided, in instructions on vectors: some 30 us. */
export const LEAST_WORK = 100_000;
/** From so many times that on, for all divided steps together, the other threads are woken. */
export const TOGETHER = 4;

/** How a loop may be divided along its outermost axis; null if it may not. */
export function divisionOf({ lengths, reductions }: LoopPlan): Division | null {
  const length = lengths[0]!;
  const multiple = lengths.length === 1 ? LINE : 1;
  const units = Math.ceil(length / multiple);
  if (units < 2 || units > MOST_UNITS) return null;
  // A loop that adds to rows in memory adds zeros to what follows them as well, maybe another thread's.
  if (reductions.some(({ strides, direct }) => strides[0] !== 0 && !direct)) return null;
  const partial = reductions.filter(({ strides }) => strides[0] === 0);
  if (partial.length === 0) return { length, multiple, chunks: 0 };
  const elements = lengths.reduce((product, n) => product * n, 1);
  const results = partial.reduce((sum, { node }) => sum + sizeOf(node.shape), 0);
  const chunks = Math.min(CHUNKS, units);
  // Room for the results of the chunks should be little next to what the loop reads.
  return elements < LEAST_FOR_CHUNKS || 4 * chunks * results > elements ? null : { length, multiple, chunks };
}

/** Bytes of the result of one chunk; sums of float32 are in float64. */
export function partialBytes({ node, kind }: LoopReduction): number {
  return paddedSize(sizeOf(node.shape) * (kind === "sum" || node.dtype === "float64" ? 8 : 4));
}

/** A function of the addresses of the chunks' results, one after the other, and of the result: their sum, or extreme. */
export function emitCombination(reduction: LoopReduction, chunks: number): WasmFunction {
  const { node, kind } = reduction;
  const operation = kind === "sum" ? "add" : kind;
  const isNarrow = node.dtype === "float32" && kind !== "sum";
  const isRounded = node.dtype === "float32" && kind === "sum";
  const vectors = Math.ceil(sizeOf(node.shape) / (isNarrow ? 4 : 2));
  return addressFunction(2, { addresses: 1, vectors: 1 }, ([partial, result], [counter], [value]) => {
    local.set(counter!, vectors);
    loop({}, (label) => {
      local.set(value!, v128.load({}, partial!));
      for (let chunk = 1; chunk < chunks; chunk++) {
        local.get(value!);
        v128.load({ offset: chunk * partialBytes(reduction) }, partial!);
        isNarrow ? f32x4[operation]() : f64x2[operation]();
        local.set(value!);
      }
      local.get(result!);
      if (isRounded) {
        f32x4.demote_f64x2_zero(value!);
        f64x2.extract_lane(0);
        f64.store({});
      } else {
        local.get(value!);
        v128.store({});
      }
      local.set(partial!, i32.add(partial!, 16));
      local.set(result!, i32.add(result!, isRounded ? 8 : 16));
      local.set(counter!, i32.sub(counter!, 1));
      local.get(counter!);
      br_if(label);
    });
  });
}
