import { allocate, type DType, type FloatArray } from "../dtype.ts";
import { NdArray } from "../nd_array.ts";
import { type Shape, sizeOf } from "../shape.ts";

/** Work on one matrix: reads it as float64 from `work` and writes its result at `at`. */
export type MatrixKernel = (work: Float64Array, out: FloatArray, at: number, index: number) => void;

/**
 * Runs a kernel over each matrix of a batch. Whatever the dtype of the array, the kernel works on a float64
 * copy that it may write to.
 *
 * @param shape The shape of the result
 * @param resultSize The elements of the result of one matrix
 */
export function eachMatrix(
  x: NdArray,
  shape: Shape,
  resultSize: number,
  dtype: DType,
  kernel: MatrixKernel,
): NdArray {
  const out = allocate(dtype, sizeOf(shape));
  const size = x.shape[x.shape.length - 2]! * x.shape[x.shape.length - 1]!;
  const count = sizeOf(x.shape.slice(0, -2));
  const work = new Float64Array(size);
  for (let b = 0; b < count; b++) {
    readMatrix(x.data, b * size, work);
    kernel(work, out, b * resultSize, b);
  }
  return new NdArray(out, shape);
}

/** Copies a matrix out of a buffer. */
export function readMatrix(data: FloatArray, start: number, work: Float64Array): void {
  for (let i = 0; i < work.length; i++) work[i] = data[start + i]!;
}

/** Names one matrix of a batch in an error; nothing where there is no batch. */
export function nameMatrix(index: number, count: number): string {
  return count > 1 ? `matrix ${index} of the batch` : "the matrix";
}

/**
 * Numbers of a spectrum that lie closer than this, as a part of the largest one, are equal but for rounding: several
 * times what equal eigenvalues and singular values were seen to differ by, which grows with the root of their count.
 */
export function spectrumRounding(count: number): number {
  return Math.max(4e-15, 1.5e-15 * Math.sqrt(count));
}

/**
 * Makes numbers of a spectrum equal that differ only by rounding, so that they stay equal when they are rounded to a
 * narrower dtype.
 *
 * @param values In order
 */
export function mergeEqual(values: Float64Array): void {
  const largest = Math.max(Math.abs(values[0] ?? 0), Math.abs(values.at(-1) ?? 0));
  const rounding = spectrumRounding(values.length) * largest;
  if (rounding === Infinity) return;
  for (let j = 1; j < values.length; j++) {
    if (Math.abs(values[j]! - values[j - 1]!) <= rounding) values[j] = values[j - 1]!;
  }
}

/** The transpose of `rows` by `columns` numbers. */
export function transposed(a: Float64Array, rows: number, columns: number): Float64Array {
  const out = new Float64Array(a.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[j * rows + i] = a[i * columns + j]!;
  return out;
}

/**
 * Multiplies a matrix in place by the power of two that brings its largest element close to 1, so that squares
 * neither overflow nor vanish.
 *
 * @returns What to multiply results with to undo it
 */
export function balance(a: Float64Array): number {
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i]!));
  if (largest === 0 || !Number.isFinite(largest)) return 1;
  const exponent = Math.max(-1000, Math.min(1000, Math.floor(Math.log2(largest))));
  const factor = 2 ** -exponent;
  for (let i = 0; i < a.length; i++) a[i]! *= factor;
  return 2 ** exponent;
}
