import { describeValue, formatBytes } from "../format.ts";
import { message } from "../message.ts";
import { isList } from "./numbers.ts";

/** The most elements of an array: indices and sizes stay 32-bit integers, as compiled programs need them. */
export const MOST_ELEMENTS: number = 2 ** 31 - 1;

/**
 * Reads a shape: lengths from 0 up, or one length for one axis.
 *
 * @returns A frozen copy
 * @throws {TypeError} If it is neither a number nor a list of numbers
 * @throws {RangeError} If a length is negative or no integer, or an array of that shape cannot be had
 */
export function readShape(operation: string, shape: unknown): readonly number[] {
  const lengths = readLengths(operation, shape);
  if (lengths.some((length) => !Number.isSafeInteger(length) || length < 0)) {
    const wrong = lengths.find((length) => !Number.isSafeInteger(length) || length < 0);
    throw new RangeError(
      message`Cannot apply ${operation}: shape ${lengths} has the length ${wrong}, lengths are integers from 0 up`,
    );
  }
  checkSize(operation, lengths);
  return Object.freeze(lengths);
}

/**
 * Reads a list of lengths without looking at their range.
 *
 * @returns A fresh list
 * @throws {TypeError} If it is neither a number nor a list of numbers
 */
export function readLengths(operation: string, shape: unknown): number[] {
  const lengths: unknown[] | undefined = typeof shape === "number"
    ? [shape]
    : isList(shape)
    ? Array.from(shape)
    : undefined;
  if (lengths?.every((length) => typeof length === "number")) return lengths;
  const wrong = lengths?.find((length) => typeof length !== "number");
  throw new TypeError(
    message`Cannot apply ${operation}: the shape
    ${lengths === undefined ? `is ${describeValue(shape)}` : `has the length ${describeValue(wrong)}`}, pass a
    list of lengths such as [2, 3]`,
  );
}

/**
 * Checks that an array of a shape can be had, before anything is allocated for it.
 *
 * @param bytesOfElement 8 by default, for float64
 * @throws {RangeError} If it has more elements than an array can hold
 */
export function checkSize(operation: string, shape: readonly number[], bytesOfElement = 8): void {
  let size = 1;
  for (let i = 0; i < shape.length; i++) size *= shape[i]!;
  if (size <= MOST_ELEMENTS) return;
  throw new RangeError(
    message`Cannot apply ${operation}: an array of shape ${shape} would take
    ${formatBytes(size * bytesOfElement)}, the largest array has ${MOST_ELEMENTS} elements`,
  );
}
