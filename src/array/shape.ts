import { describeValue } from "../_internal/format.ts";
import { isList } from "../_internal/readers/mod.ts";
import { message } from "../_internal/message.ts";

/** The lengths of an array's axes, outermost first; `[]` for a scalar. */
export type Shape = readonly number[];

/** The shape of every scalar. */
export const SCALAR: Shape = Object.freeze([]);

/** The shape that was frozen last, by the number of axes: most arrays that are made have the shape of one before. */
const recent: (Shape | undefined)[] = [];
const MOST_RECENT = 8;

/**
 * A shape that nobody else can change: a frozen copy, or the shape itself where it is frozen already.
 *
 * @throws {TypeError} If the lengths of the axes are not integers from 0 on
 */
export function ownShape(shape: Shape): Shape {
  if (!isList(shape)) {
    throw new TypeError(
      message`Cannot use the shape ${describeValue(shape)}: pass a list of lengths such as [2, 3]`,
    );
  }
  const rank = shape.length;
  const known = recent[rank];
  if (known !== undefined && sameShape(known, shape)) return known;
  const isArray = Array.isArray(shape);
  if (isArray && Object.isFrozen(shape)) return shape;
  const own: number[] = isArray ? shape.slice() : Array.from(shape);
  for (let i = 0; i < own.length; i++) {
    const length = own[i]!;
    if (Number.isSafeInteger(length) && length >= 0) continue;
    throw new TypeError(message`Cannot use the shape ${shape}: the lengths of axes are integers from 0 on`);
  }
  if (rank < MOST_RECENT) recent[rank] = own;
  return Object.freeze(own);
}

/** The number of elements of an array. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (let i = 0; i < shape.length; i++) size *= shape[i]!;
  return size;
}

/** Whether two shapes are equal. */
export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/**
 * Drops axes of length 1 and joins neighbours that every array steps through as one.
 *
 * @param strides For each array the distance between its elements along each axis
 */
export function mergeAxes(
  shape: Shape,
  strides: readonly (readonly number[])[],
): { lengths: number[]; strides: number[][] } {
  const lengths: number[] = [];
  const merged: number[][] = strides.map(() => []);
  shape.forEach((length, axis) => {
    if (length === 1) return;
    const last = lengths.length - 1;
    if (last >= 0 && strides.every((s, k) => merged[k]![last] === s[axis]! * length)) {
      lengths[last]! *= length;
      strides.forEach((s, k) => merged[k]![last] = s[axis]!);
    } else {
      lengths.push(length);
      strides.forEach((s, k) => merged[k]!.push(s[axis]!));
    }
  });
  if (lengths.length === 0) {
    lengths.push(1);
    merged.forEach((s) => s.push(0));
  }
  return { lengths, strides: merged };
}

/** Row-major strides, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = stride;
    stride *= shape[i]!;
  }
  return strides;
}

/** The position of an element in a row-major array. */
export function flatIndex(index: Shape, shape: Shape): number {
  return index.reduce((at, i, axis) => at * shape[axis]! + i, 0);
}

/**
 * Strides for reading an array of `shape` as if it had the shape `to`: 0 along axes that repeat.
 * `shape` must broadcast to `to`.
 */
export function broadcastStrides(shape: Shape, to: Shape): number[] {
  const strides = new Array<number>(to.length).fill(0);
  const lead = to.length - shape.length;
  let stride = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] !== 1) strides[lead + i] = stride;
    stride *= shape[i]!;
  }
  return strides;
}

/**
 * The shape that arrays of the given shapes have together, by NumPy's rule: axes are matched from the last
 * one, and a length of 1 repeats.
 *
 * @throws {TypeError} If an axis has two lengths, neither of them 1
 */
export function broadcastShapes(operation: string, ...shapes: Shape[]): Shape {
  const [first] = shapes;
  if (first === undefined) return SCALAR;
  if (shapes.every((shape) => sameShape(first, shape))) return first;
  const rank = Math.max(...shapes.map((shape) => shape.length));
  const result = new Array<number>(rank).fill(1);
  for (const shape of shapes) {
    const lead = rank - shape.length;
    for (let i = 0; i < shape.length; i++) {
      const length = shape[i]!;
      if (length === 1 || length === result[lead + i]) continue;
      if (result[lead + i] !== 1) {
        throw new TypeError(
          message`Cannot broadcast the operands of ${operation}: shapes
          ${shapes} differ on an axis where neither length is 1; reshape one of them`,
        );
      }
      result[lead + i] = length;
    }
  }
  return result;
}

/** Whether an array of shape `from` repeats to shape `to`. */
export function canBroadcast(from: Shape, to: Shape): boolean {
  const lead = to.length - from.length;
  return lead >= 0 && from.every((length, i) => length === 1 || length === to[lead + i]);
}

/** The shape left when `axes` (ascending) are reduced: dropped, or kept with length 1. */
export function reducedShape(shape: Shape, axes: readonly number[], keepDims: boolean): Shape {
  const reduced = new Set(axes);
  return keepDims
    ? shape.map((length, i) => reduced.has(i) ? 1 : length)
    : shape.filter((_, i) => !reduced.has(i));
}
