/** What kernels take and how much room they need: all that is to be known of them without writing them. */
import { bytesOfElement, type DType } from "../../array/dtype.ts";

/** Bytes of a vector. */
export const VECTOR = 16;
/** Bytes across a block of a product, and so across a panel of the right operand. */
export const TILE_BYTES = 32;
/** Room for a block at the edge of a result, in bytes. */
export const SPARE_BYTES = 256;
/** Bytes of the elements at one depth of the rows that are transposed at a time. */
export const LEFT_BYTES = 96;
/**
 * How far sums run in registers before they are added to the result. The order in which an element is summed
 * depends on this and on the depth only, so that no way of parting the result changes a bit of it.
 */
export const DEPTH_BLOCK = 256;
/** Panels of the right operand that are packed at a time. */
export const PANELS = 64;

/**
 * Parameters of a product of matrices: addresses, counts, elements from one stored row to the next (`ldx`, `ldy`,
 * `ldo`), whether x is stored as `[depth, rows]` and y as `[columns, depth]`, whether to add to `out`, and the
 * address of workspace of {@linkcode matmulScratchBytes}.
 */
export const MATMUL = [
  "x",
  "y",
  "out",
  "rows",
  "depth",
  "columns",
  "ldx",
  "ldy",
  "ldo",
  "transposeX",
  "transposeY",
  "accumulate",
  "scratch",
] as const;
/** Further parameters of several products: how many, and how many bytes their matrices are apart. */
export const BATCH = ["count", "xStep", "yStep", "outStep"] as const;
/** Parameters of a product with a right operand that is packed as a whole. */
export const PACKED_MATMUL = [
  "x",
  "y",
  "out",
  "rows",
  "depth",
  "columns",
  "ldx",
  "ldo",
  "transposeX",
  "scratch",
] as const;
/** Parameters of transposing a matrix. */
export const MATRIX = ["x", "out", "rows", "columns", "ldx", "ldo"] as const;
/** Parameters of setting bytes to zero. */
export const CLEAR = ["to", "bytes"] as const;
/** Parameters of taking elements from, or adding them to, positions in float64. */
export const GATHER = ["x", "indices", "out", "count"] as const;
/** Parameters of a block of rows times a panel. */
export const TILE = [
  "x",
  "rows",
  "xRow",
  "xDepth",
  "depth",
  "inner",
  "xInner",
  "outer",
  "xOuter",
  "y",
  "yDepth",
  "out",
  "outRow",
  "accumulate",
] as const;
/** Further parameters for sets of rows times several panels. */
export const LINES = ["xTile", "yTile", "columns", "lines", "xLine", "outLine", "spare"] as const;
/** Parameters of packing columns of the right operand into panels. */
export const RIGHT = ["y", "yRow", "transpose", "depth", "columns", "out", "panelBytes"] as const;
/** Parameters of copying lines of bytes. */
export const COPY_LINES = ["from", "to", "lines", "bytes", "fromStep", "toStep"] as const;
/** Parameters of finding the largest elements under windows. */
export const LARGEST = [
  "x",
  "out",
  "images",
  "first",
  "height",
  "width",
  "channels",
  "outHeight",
  "outWidth",
  "window0",
  "window1",
  "stride0",
  "stride1",
  "dilation0",
  "dilation1",
  "top",
  "left",
] as const;

/** A number for each parameter, in their order. */
export type Numbers<P extends readonly string[]> = { [K in keyof P]: number };
/** A number for each parameter, by its name. */
export type Named<P extends readonly string[]> = Record<P[number], number>;

/** Arguments of `direct`. */
export type DirectArguments = Record<typeof TILE[number] | typeof LINES[number], number>;

/** Bytes of scratch that a product of matrices needs. */
export function matmulScratchBytes(rows: number, depth: number, columns: number, dtype: DType): number {
  const width = columns === 1 ? rows : columns;
  const panels = Math.min(PANELS, Math.ceil(width * bytesOfElement(dtype) / TILE_BYTES));
  return SPARE_BYTES + Math.min(depth, DEPTH_BLOCK) * (LEFT_BYTES + panels * TILE_BYTES);
}

/** Bytes of scratch that a product with a packed right operand needs. */
export function packedScratchBytes(depth: number): number {
  return SPARE_BYTES + Math.min(depth, DEPTH_BLOCK) * LEFT_BYTES;
}

/** Bytes of a right operand that is packed as a whole. */
export function packedBytes(depth: number, columns: number, dtype: DType): number {
  return depth * Math.ceil(columns * bytesOfElement(dtype) / TILE_BYTES) * TILE_BYTES;
}

/** Parameters of drawing random numbers. */
export const DRAW = ["key", "out", "keys", "step", "start", "count", "plane"] as const;
/** Parameters of drawing words for given counters. */
export const WORDS = ["key", "counters", "out", "count", "keyStep", "counterStep"] as const;
