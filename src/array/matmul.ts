import { allocate, type DType } from "./dtype.ts";
import { NdArray } from "./nd_array.ts";
import { broadcastStrides, type Shape, sizeOf } from "./shape.ts";

/** Whether the last two axes of each operand are to be read exchanged. */
export interface MatmulTransposes {
  /** Read the left operand as its transpose. */
  readonly transposeX: boolean;
  /** Read the right operand as its transpose. */
  readonly transposeY: boolean;
}

/**
 * Multiplies matrices, batched over the leading axes, which broadcast.
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
  const rows = shape[shape.length - 2]!;
  const columns = shape[shape.length - 1]!;
  const depth = x.shape[x.shape.length - (transposeX ? 2 : 1)]!;
  const batch = shape.slice(0, -2);
  const out = allocate(dtype, sizeOf(shape));
  const xOffsets = batchOffsets(x.shape, batch, rows * depth);
  const yOffsets = batchOffsets(y.shape, batch, depth * columns);
  for (let b = 0; b < xOffsets.length; b++) {
    multiply(
      x.data,
      xOffsets[b]!,
      transposeX ? 1 : depth,
      transposeX ? rows : 1,
      y.data,
      yOffsets[b]!,
      transposeY ? 1 : columns,
      transposeY ? depth : 1,
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
function batchOffsets(shape: Shape, batch: Shape, matrixSize: number): number[] {
  const strides = broadcastStrides(shape.slice(0, -2), batch);
  let offsets = [0];
  batch.forEach((length, axis) => {
    offsets = offsets.flatMap((o) => Array.from({ length }, (_, i) => o + i * strides[axis]! * matrixSize));
  });
  return offsets;
}

/** Four sums at a time keep the inner loop free of stores; strides serve all four transpose cases. */
function multiply(
  x: NdArray["data"],
  xStart: number,
  xRow: number,
  xDepth: number,
  y: NdArray["data"],
  yStart: number,
  yDepth: number,
  yColumn: number,
  out: NdArray["data"],
  outStart: number,
  rows: number,
  depth: number,
  columns: number,
): void {
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
