import { allocate, type DType, type FloatArray } from "../dtype.ts";
import { NdArray } from "../nd_array.ts";
import { productKernels } from "../product_kernels.ts";
import { broadcastStrides, type Shape, sizeOf } from "../shape.ts";

/** Whether the last two axes of each operand are to be read exchanged. */
export interface MatmulTransposes {
  /** Read the left operand as its transpose. */
  readonly transposeX: boolean;
  /** Read the right operand as its transpose. */
  readonly transposeY: boolean;
}

/** Below this many products, copying the operands into rows costs more than it saves. */
const SMALL = 512;
/** Elements of the right operand that are kept in the cache while all rows of the left pass by. */
const TILE = 32768;
/** Work space up to this size is kept for the next product. */
const KEPT = 65536;

/**
 * Multiplies matrices, batched over the leading axes, which broadcast. These loops sum in float64; large products run
 * on kernels where there are some, which sum in the type of the result.
 *
 * @param shape The shape of the result, `[...batch, rows, columns]`
 */
export function matmulArrays(
  x: NdArray,
  y: NdArray,
  { transposeX, transposeY }: MatmulTransposes,
  shape: Shape,
  dtype: DType,
): NdArray {
  const columns = shape[shape.length - 1]!;
  const depth = x.shape[x.shape.length - (transposeX ? 2 : 1)]!;
  let rows = shape[shape.length - 2]!;
  let batch = shape.slice(0, -2);
  const out = allocate(dtype, sizeOf(shape));
  if (out.length === 0 || depth === 0) return new NdArray(out, shape);
  if (!transposeX && y.size === depth * columns && x.size === sizeOf(batch) * rows * depth) {
    // One right operand for all: the rows of the batch are the rows of one matrix.
    rows *= sizeOf(batch);
    batch = [];
  }
  const xOffsets = batchOffsets(x, batch, rows * depth);
  const yOffsets = batchOffsets(y, batch, depth * columns);
  const products = { rows, depth, columns, transposeX, transposeY, xOffsets, yOffsets };
  if (productKernels()?.multiply(x.data, y.data, out, products)) return new NdArray(out, shape);
  const small = rows < 4 || columns < 4 || rows * columns * depth <= SMALL;
  const multiply = small ? multiplyStrided : multiplyRows;
  for (let b = 0; b < xOffsets.length; b++) {
    multiply(
      x.data,
      xOffsets[b]!,
      transposeX,
      y.data,
      yOffsets[b]!,
      transposeY,
      out,
      b * rows * columns,
      rows,
      depth,
      columns,
    );
  }
  return new NdArray(out, shape);
}

/** Where each matrix of the broadcast batch starts in an operand. */
export function batchOffsets({ shape, size }: NdArray, batch: Shape, matrixSize: number): number[] {
  if (batch.length === 0) return [0];
  const count = sizeOf(batch);
  if (size === count * matrixSize) return Array.from({ length: count }, (_, i) => i * matrixSize);
  const strides = broadcastStrides(shape.slice(0, -2), batch);
  let offsets = [0];
  batch.forEach((length, axis) => {
    offsets = offsets.flatMap((o) => Array.from({ length }, (_, i) => o + i * strides[axis]! * matrixSize));
  });
  return offsets;
}

/** For small matrices, few rows or few columns: four sums at a time, reading the operands where they lie. */
function multiplyStrided(
  x: FloatArray,
  xStart: number,
  transposeX: boolean,
  y: FloatArray,
  yStart: number,
  transposeY: boolean,
  out: FloatArray,
  outStart: number,
  rows: number,
  depth: number,
  columns: number,
): void {
  const xRow = transposeX ? 1 : depth;
  const xDepth = transposeX ? rows : 1;
  const yDepth = transposeY ? 1 : columns;
  const yColumn = transposeY ? depth : 1;
  for (let i = 0; i < rows; i++) {
    const xi = xStart + i * xRow;
    const oi = outStart + i * columns;
    let j = 0;
    for (; j + 4 <= columns; j += 4) {
      let a = 0, b = 0, c = 0, d = 0;
      let xp = xi;
      let yp = yStart + j * yColumn;
      for (let k = 0; k < depth; k++, xp += xDepth, yp += yDepth) {
        const e = x[xp]!;
        a += e * y[yp]!;
        b += e * y[yp + yColumn]!;
        c += e * y[yp + 2 * yColumn]!;
        d += e * y[yp + 3 * yColumn]!;
      }
      out[oi + j] = a;
      out[oi + j + 1] = b;
      out[oi + j + 2] = c;
      out[oi + j + 3] = d;
    }
    for (; j < columns; j++) {
      let a = 0;
      let xp = xi;
      let yp = yStart + j * yColumn;
      for (let k = 0; k < depth; k++, xp += xDepth, yp += yDepth) a += x[xp]! * y[yp]!;
      out[oi + j] = a;
    }
  }
}

/** Brings the rows of x and the columns of y into contiguous float64 rows, and multiplies those. */
function multiplyRows(
  x: FloatArray,
  xStart: number,
  transposeX: boolean,
  y: FloatArray,
  yStart: number,
  transposeY: boolean,
  out: FloatArray,
  outStart: number,
  rows: number,
  depth: number,
  columns: number,
): void {
  const xReady = !transposeX && x instanceof Float64Array;
  const yReady = transposeY && y instanceof Float64Array;
  const left = xReady ? x : pack(0, x, xStart, rows, depth, transposeX);
  const right = yReady ? y : pack(1, y, yStart, columns, depth, !transposeY);
  const tile = Math.max(4, Math.floor(TILE / depth) & ~3);
  for (let from = 0; from < columns; from += tile) {
    multiplyTile(
      left,
      xReady ? xStart : 0,
      right,
      yReady ? yStart : 0,
      out,
      outStart,
      rows,
      depth,
      columns,
      from,
      Math.min(columns, from + tile),
    );
  }
}

const workspaces: [Float64Array, Float64Array] = [new Float64Array(0), new Float64Array(0)];

/** Copies a matrix into `count` rows of `depth` numbers, from such rows or from columns. */
function pack(
  slot: 0 | 1,
  data: FloatArray,
  start: number,
  count: number,
  depth: number,
  fromColumns: boolean,
): Float64Array {
  const size = count * depth;
  let out = workspaces[slot];
  if (out.length < size) {
    out = new Float64Array(size);
    if (size <= KEPT) workspaces[slot] = out;
  }
  if (!fromColumns) out.set(data.subarray(start, start + size));
  else {
    for (let k = 0, at = start; k < depth; k++) {
      for (let i = 0, to = k; i < count; i++, to += depth) out[to] = data[at++]!;
    }
  }
  return out;
}

/** Columns `from` to `end` of the product, in blocks of 4 by 4 sums that the engine keeps in registers. */
function multiplyTile(
  x: Float64Array,
  xStart: number,
  y: Float64Array,
  yStart: number,
  out: FloatArray,
  outStart: number,
  rows: number,
  depth: number,
  columns: number,
  from: number,
  end: number,
): void {
  let i = 0;
  for (; i + 4 <= rows; i += 4) {
    const xi = xStart + i * depth;
    let j = from;
    for (; j + 4 <= end; j += 4) {
      let a0 = 0, a1 = 0, a2 = 0, a3 = 0, b0 = 0, b1 = 0, b2 = 0, b3 = 0;
      let c0 = 0, c1 = 0, c2 = 0, c3 = 0, d0 = 0, d1 = 0, d2 = 0, d3 = 0;
      const xEnd = xi + depth;
      for (let p = xi, q = yStart + j * depth; p < xEnd; p++, q++) {
        const y0 = y[q]!, y1 = y[q + depth]!, y2 = y[q + 2 * depth]!, y3 = y[q + 3 * depth]!;
        const e0 = x[p]!, e1 = x[p + depth]!;
        a0 += e0 * y0, a1 += e0 * y1, a2 += e0 * y2, a3 += e0 * y3;
        b0 += e1 * y0, b1 += e1 * y1, b2 += e1 * y2, b3 += e1 * y3;
        const e2 = x[p + 2 * depth]!, e3 = x[p + 3 * depth]!;
        c0 += e2 * y0, c1 += e2 * y1, c2 += e2 * y2, c3 += e2 * y3;
        d0 += e3 * y0, d1 += e3 * y1, d2 += e3 * y2, d3 += e3 * y3;
      }
      let o = outStart + i * columns + j;
      out[o] = a0, out[o + 1] = a1, out[o + 2] = a2, out[o + 3] = a3;
      o += columns;
      out[o] = b0, out[o + 1] = b1, out[o + 2] = b2, out[o + 3] = b3;
      o += columns;
      out[o] = c0, out[o + 1] = c1, out[o + 2] = c2, out[o + 3] = c3;
      o += columns;
      out[o] = d0, out[o + 1] = d1, out[o + 2] = d2, out[o + 3] = d3;
    }
    for (; j < end; j++) {
      let a = 0, b = 0, c = 0, d = 0;
      const xEnd = xi + depth;
      for (let p = xi, q = yStart + j * depth; p < xEnd; p++, q++) {
        const e = y[q]!;
        a += x[p]! * e;
        b += x[p + depth]! * e;
        c += x[p + 2 * depth]! * e;
        d += x[p + 3 * depth]! * e;
      }
      const o = outStart + i * columns + j;
      out[o] = a;
      out[o + columns] = b;
      out[o + 2 * columns] = c;
      out[o + 3 * columns] = d;
    }
  }
  for (; i < rows; i++) {
    const xi = xStart + i * depth;
    for (let j = from; j < end; j++) {
      let a = 0;
      for (let k = 0, q = yStart + j * depth; k < depth; k++, q++) a += x[xi + k]! * y[q]!;
      out[outStart + i * columns + j] = a;
    }
  }
}
