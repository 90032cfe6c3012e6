import { message } from "../_internal/message.ts";
import { allocate, type DType } from "./dtype.ts";
import type { Value } from "./value.ts";
import { gatherStrided, walkRows } from "./strided_copy.ts";
import { NdArray } from "./nd_array.ts";
import { type Shape, sizeOf, stridesOf } from "./shape.ts";

/** Where a block lies in an array of `shape`: the element it starts at and its strides, in elements. */
function locate(
  shape: Shape,
  begin: readonly number[],
  step: readonly number[] | undefined,
): { offset: number; strides: number[] } {
  const strides = stridesOf(shape);
  let offset = 0;
  for (let axis = 0; axis < strides.length; axis++) {
    offset += begin[axis]! * strides[axis]!;
    if (step !== undefined) strides[axis]! *= step[axis]!;
  }
  return { offset, strides };
}

/** Every `step`-th element from `begin` on, along each axis; steps may be negative. */
export function stridedSliceArray(
  x: NdArray,
  begin: readonly number[],
  size: Shape,
  step: readonly number[],
): NdArray {
  const { offset, strides } = locate(x.shape, begin, step);
  return gatherStrided(x.data, x.dtype, offset, size, strides);
}

/** Zeros of `shape` with the elements of `x` at every `step`-th place from `begin` on. */
export function stridedPlaceArray(
  x: NdArray,
  begin: readonly number[],
  step: readonly number[],
  shape: Shape,
): NdArray {
  const out = new NdArray(allocate(x.dtype, sizeOf(shape)), shape);
  writeBlock(out, x, begin, step);
  return out;
}

/** A copy of `x` with `values` in place of a block. */
export function assignSliceArray(
  x: NdArray,
  values: NdArray,
  begin: readonly number[],
  step: readonly number[],
  dtype: DType,
): NdArray {
  const copy = allocate(dtype, x.size);
  copy.set(x.data);
  const out = new NdArray(copy, x.shape);
  writeBlock(out, values, begin, step);
  return out;
}

function writeBlock(to: NdArray, x: NdArray, begin: readonly number[], step: readonly number[]): void {
  const { offset, strides } = locate(to.shape, begin, step);
  walkRows(x.shape, strides, offset, (start, at, columns, stride) => {
    for (let i = 0, p = start; i < columns; i++, p += stride) to.data[p] = x.data[at + i]!;
  });
}

/** Adds `g` to a block of `into`, in place. */
export function addToBlock(
  into: NdArray,
  g: Value,
  begin: readonly number[],
  step: readonly number[] | undefined,
): void {
  if (typeof g === "number") return;
  const { offset, strides } = locate(into.shape, begin, step);
  if (g.size === 1) {
    into.data[offset]! += g.data[0]!;
    return;
  }
  walkRows(g.shape, strides, offset, (start, at, columns, stride) => {
    for (let i = 0, p = start; i < columns; i++, p += stride) into.data[p]! += g.data[at + i]!;
  });
}

/** Adds slices of `g` to the places of `into` that the indices name along an axis, in place. */
export function addToRows(into: NdArray, g: Value, indices: Value, axis: number): void {
  if (typeof indices === "number" || typeof g === "number") {
    if (typeof g === "number") into.data[typeof indices === "number" ? indices : indices.data[0]!]! += g;
    else addRows(into, g, [indices as number], axis);
  } else addRows(into, g, indices.data, axis);
}

function addRows(into: NdArray, g: NdArray, indices: ArrayLike<number>, axis: number): void {
  const { shape } = into;
  const outer = sizeOf(shape.slice(0, axis));
  const inner = sizeOf(shape.slice(axis + 1));
  for (let o = 0, at = 0; o < outer; o++) {
    const base = o * shape[axis]! * inner;
    for (let i = 0; i < indices.length; i++) {
      const to = base + indices[i]! * inner;
      for (let c = 0; c < inner; c++) into.data[to + c]! += g.data[at++]!;
    }
  }
}

/**
 * Checks that indices lie along an axis.
 *
 * @throws {RangeError} If one is not an integer or out of range
 */
export function checkIndices(operation: string, indices: NdArray, shape: Shape, axis: number): void {
  const length = shape[axis]!;
  const { data } = indices;
  for (let k = 0; k < data.length; k++) {
    const i = data[k]!;
    if (Number.isInteger(i) && i >= 0 && i < length) continue;
    throw new RangeError(
      message`Cannot ${operation} along axis ${axis} of shape ${shape}: found the index
      ${i}, ${length === 0 ? "the axis has no elements" : `indices are integers from 0 to ${length - 1}`}`,
    );
  }
}

/** Takes single elements along an axis: `out[a…, i, b…] = x[a…, indices[a…, i, b…], b…]`. */
export function takeAlongAxisArray(x: NdArray, indices: NdArray, axis: number): NdArray {
  const out = allocate(x.dtype, indices.size);
  const count = indices.shape[axis]!;
  const length = x.shape[axis]!;
  const inner = sizeOf(x.shape.slice(axis + 1));
  for (let start = 0, base = 0; start < out.length; start += count * inner, base += length * inner) {
    for (let at = start, i = 0; i < count; i++) {
      for (let c = 0; c < inner; c++, at++) out[at] = x.data[base + indices.data[at]! * inner + c]!;
    }
  }
  return new NdArray(out, indices.shape);
}

/** Adds single elements along an axis, in place: the transpose of {@linkcode takeAlongAxisArray}. */
export function addAlongAxisTo(into: NdArray, g: NdArray, indices: NdArray, axis: number): void {
  const count = indices.shape[axis]!;
  const length = into.shape[axis]!;
  const inner = sizeOf(into.shape.slice(axis + 1));
  for (let start = 0, base = 0; start < g.size; start += count * inner, base += length * inner) {
    for (let at = start, i = 0; i < count; i++) {
      for (let c = 0; c < inner; c++, at++) into.data[base + indices.data[at]! * inner + c]! += g.data[at]!;
    }
  }
}

/** A copy of `x` with single elements along an axis replaced; where an index comes twice, the last one stays. */
export function assignAlongAxisArray(
  x: NdArray,
  indices: NdArray,
  values: NdArray,
  axis: number,
  dtype: DType,
): NdArray {
  const out = allocate(dtype, x.size);
  out.set(x.data);
  const count = indices.shape[axis]!;
  const length = x.shape[axis]!;
  const inner = sizeOf(x.shape.slice(axis + 1));
  for (let start = 0, base = 0; start < values.size; start += count * inner, base += length * inner) {
    for (let at = start, i = 0; i < count; i++) {
      for (let c = 0; c < inner; c++, at++) out[base + indices.data[at]! * inner + c] = values.data[at]!;
    }
  }
  return new NdArray(out, x.shape);
}
