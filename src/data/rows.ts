import { message } from "../_internal/message.ts";
import type { NumericArray } from "../array/dtype.ts";
import { arrayFrom, NdArray, type NestedNumbers } from "../array/nd_array.ts";
import { gatherArray } from "../array/strided_copy.ts";

/** Numbers row by row: an array, nested arrays of numbers (read as float64), or a typed array of one number a row. */
export type Rows = NdArray | NestedNumbers | NumericArray | { toArray(): NdArray };

/**
 * Reads rows.
 *
 * @param operation The name that users know it by
 * @throws {TypeError} If the value holds no rows of numbers
 */
export function readRows(operation: string, value: Rows): NdArray {
  if (value instanceof NdArray) return checkRank(operation, value);
  if (typeof value === "object" && value !== null && "toArray" in value) {
    return checkRank(operation, value.toArray());
  }
  return checkRank(operation, arrayFrom(value));
}

function checkRank(operation: string, array: NdArray): NdArray {
  if (array.shape.length > 0) return array;
  throw new TypeError(
    message`Cannot apply ${operation}: the array has shape ${array.shape}, expected [rows, ...]`,
  );
}

/** The rows of an array with the given numbers. */
export function takeRows(x: NdArray, rows: ArrayLike<number>): NdArray {
  return gatherArray(x, new NdArray(Float64Array.from(rows)), 0);
}

/**
 * The number of rows that all arrays share.
 *
 * @throws {TypeError} If they have different numbers of rows, or there are no arrays
 */
export function countRows(operation: string, arrays: readonly NdArray[]): number {
  const count = arrays[0]?.shape[0];
  if (count === undefined || arrays.some((x) => x.shape[0] !== count)) {
    throw new TypeError(
      message`Cannot apply ${operation}:
      ${
        arrays.length === 0
          ? "there are no arrays"
          : message`the arrays have shapes ${arrays.map((x) => x.shape)}`
      },
      they need the same number of rows`,
    );
  }
  return count;
}

/**
 * Reads a table of numbers.
 *
 * @param columns How many columns it must have; by default any number
 * @throws {TypeError} If its shape is another than `[rows, columns]`
 */
export function readColumns(operation: string, value: Rows, columns?: number): NdArray {
  const x = readRows(operation, value);
  if (x.shape.length !== 2 || (columns !== undefined && x.shape[1] !== columns)) {
    throw new TypeError(
      message`Cannot apply ${operation} to an array of shape ${x.shape}: expected [rows,
      ${columns ?? "columns"}]`,
    );
  }
  return x;
}
