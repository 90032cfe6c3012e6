/** Operands drawn for the samples of a primitive. */
import { NdArray } from "../../src/array/nd_array.ts";
import { type Shape, sizeOf } from "../../src/array/shape.ts";
import type { Operation, Sample } from "../../src/primitives/mod.ts";

/** A small generator, so that a failure can be repeated. */
export function randomNumbers(seed: number): () => number {
  let state = seed * 2654435761 >>> 0;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

/** Draws the operands of a sample. */
export function draw(operation: Operation, sample: Sample<unknown>, seed: number): NdArray[] {
  const random = randomNumbers(seed);
  return sample.shapes.map((shape, k) => {
    const [low, high] = sample.domains?.[k] ?? [-2, 2];
    const data = Float64Array.from({ length: sizeOf(shape) }, () => low + random() * (high - low));
    if (sample.integers?.includes(k)) data.forEach((x, i) => data[i] = Math.floor(x));
    if (operation.primitive.untyped?.includes(k)) data.forEach((x, i) => data[i] = Math.floor(x));
    if (k === 0) addToDiagonals(data, shape, sample.diagonal ?? []);
    return new NdArray(data, shape);
  });
}

const NON_FINITE = [NaN, Infinity, -Infinity];

/** The same, with NaN and infinities for about half of the numbers; those that are indices stay. */
export function drawNonFinite(operation: Operation, sample: Sample<unknown>, seed: number): NdArray[] {
  const random = randomNumbers(seed + 50);
  return draw(operation, sample, seed).map((x, k) => {
    const isIndex = sample.integers?.includes(k) || operation.primitive.untyped?.includes(k);
    if (isIndex) return x;
    return new NdArray(x.data.map((v) => NON_FINITE[Math.floor(random() * 6)] ?? v), x.shape);
  });
}

/** What a function gives, or the error that it throws. */
export function outcomeOf<T>(f: () => T): T | Error {
  try {
    return f();
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
}

/** True for equal numbers, also NaN and infinities, and for finite ones that are near each other. */
export function isNear(actual: number, expected: number, tolerance: number): boolean {
  return Object.is(actual, expected) ||
    Math.abs(actual - expected) <= tolerance * Math.max(1, Math.abs(expected)) && Number.isFinite(expected);
}

function addToDiagonals(data: Float64Array, shape: Shape, diagonal: readonly number[]): void {
  const [rows, columns] = shape.slice(-2);
  for (let start = 0; diagonal.length > 0 && start < data.length; start += rows! * columns!) {
    diagonal.forEach((x, i) => data[start + i * (columns! + 1)]! += x);
  }
}
