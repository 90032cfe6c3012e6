import { allocate, type DType, type FloatArray } from "./dtype.ts";
import { NdArray } from "./nd_array.ts";
import { broadcastStrides, sameShape, type Shape, sizeOf, stridesOf } from "./shape.ts";

/**
 * Copies a strided view into dense rows: element `[i, j, …]` of the result is
 * `data[offset + i * strides[0] + j * strides[1] + …]`.
 */
export function gatherStrided(
  data: FloatArray,
  dtype: DType,
  offset: number,
  shape: Shape,
  strides: readonly number[],
): NdArray {
  const out = allocate(dtype, sizeOf(shape));
  walkRows(shape, strides, offset, (start, at, columns, step) => {
    if (step === 1) out.set(data.subarray(start, start + columns), at);
    else for (let i = 0, from = start; i < columns; i++, from += step) out[at + i] = data[from]!;
  });
  return new NdArray(out, shape);
}

/** Visits a strided view row by row: its start in the view, its start in dense order, its length and step. */
export function walkRows(
  shape: Shape,
  strides: readonly number[],
  offset: number,
  visit: (start: number, at: number, columns: number, step: number) => void,
): void {
  const inner = shape.length - 1;
  const columns = inner < 0 ? 1 : shape[inner]!;
  const step = inner < 0 ? 1 : strides[inner]!;
  const size = sizeOf(shape);
  const index = new Array<number>(Math.max(0, inner)).fill(0);
  let start = offset;
  for (let at = 0; at < size; at += columns) {
    visit(start, at, columns, step);
    for (let axis = inner - 1; axis >= 0; axis--) {
      start += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      start -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
}

/** Reorders the axes: axis i of the result is axis `axes[i]` of `x`. */
export function transposeArray(x: NdArray, axes: readonly number[]): NdArray {
  const strides = stridesOf(x.shape);
  return gatherStrided(
    x.data,
    x.dtype,
    0,
    axes.map((axis) => x.shape[axis]!),
    axes.map((axis) => strides[axis]!),
  );
}

/** Repeats an array to a shape it broadcasts to. */
export function broadcastArray(x: NdArray, shape: Shape): NdArray {
  if (sameShape(x.shape, shape)) return x;
  return gatherStrided(x.data, x.dtype, 0, shape, broadcastStrides(x.shape, shape));
}

/** The block of `size` that starts at `begin`. */
export function sliceArray(x: NdArray, begin: readonly number[], size: Shape): NdArray {
  const strides = stridesOf(x.shape);
  const offset = begin.reduce((sum, b, i) => sum + b * strides[i]!, 0);
  return gatherStrided(x.data, x.dtype, offset, size, strides);
}

/** Zeros of `shape` with `x` written at `begin`: the transpose of {@linkcode sliceArray}. */
export function placeArray(x: NdArray, begin: readonly number[], shape: Shape): NdArray {
  const out = allocate(x.dtype, sizeOf(shape));
  const strides = stridesOf(shape);
  const offset = begin.reduce((sum, b, i) => sum + b * strides[i]!, 0);
  walkRows(
    x.shape,
    strides,
    offset,
    (start, at, columns) => out.set(x.data.subarray(at, at + columns), start),
  );
  return new NdArray(out, shape);
}

/** Joins arrays along an axis. */
export function concatArrays(arrays: readonly NdArray[], axis: number, shape: Shape, dtype: DType): NdArray {
  const out = allocate(dtype, sizeOf(shape));
  const outer = sizeOf(shape.slice(0, axis));
  const width = sizeOf(shape.slice(axis));
  let at = 0;
  for (const { data, shape: part } of arrays) {
    const columns = sizeOf(part.slice(axis));
    for (let o = 0; o < outer; o++) {
      out.set(data.subarray(o * columns, (o + 1) * columns), o * width + at);
    }
    at += columns;
  }
  return new NdArray(out, shape);
}

/** Takes slices along an axis: `out[a…, i…, b…] = x[a…, indices[i…], b…]`; indices are valid. */
export function gatherArray(x: NdArray, indices: NdArray, axis: number): NdArray {
  const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
  const out = allocate(x.dtype, sizeOf(shape));
  const outer = sizeOf(x.shape.slice(0, axis));
  const inner = sizeOf(x.shape.slice(axis + 1));
  const count = indices.data.length;
  for (let o = 0, at = 0; o < outer; o++) {
    const base = o * x.shape[axis]! * inner;
    for (let i = 0; i < count; i++, at += inner) {
      const from = base + indices.data[i]! * inner;
      if (inner === 1) out[at] = x.data[from]!;
      else out.set(x.data.subarray(from, from + inner), at);
    }
  }
  return new NdArray(out, shape);
}

/** Adds slices into zeros of `shape` along an axis: the transpose of {@linkcode gatherArray}. */
export function scatterAddArray(g: NdArray, indices: NdArray, axis: number, shape: Shape): NdArray {
  const out = allocate(g.dtype, sizeOf(shape));
  const outer = sizeOf(shape.slice(0, axis));
  const inner = sizeOf(shape.slice(axis + 1));
  const count = indices.data.length;
  for (let o = 0, at = 0; o < outer; o++) {
    const base = o * shape[axis]! * inner;
    for (let i = 0; i < count; i++) {
      const to = base + indices.data[i]! * inner;
      for (let c = 0; c < inner; c++) out[to + c]! += g.data[at++]!;
    }
  }
  return new NdArray(out, shape);
}
