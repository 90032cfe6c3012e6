import { message } from "../_internal/message.ts";
import { describeValue } from "../_internal/format.ts";
import { isPlainObject } from "../_internal/containers.ts";
import type { NumericArray } from "../array/dtype.ts";
import { arrayFrom, NdArray, type NestedNumbers } from "../array/nd_array.ts";
import { Variable } from "../variable/mod.ts";

/** What can be written as an array: an NdArray, a Variable, a number, nested arrays of numbers, or a typed array. */
export type Writable = NdArray | Variable | NestedNumbers | NumericArray;

/**
 * Reads a value as an array.
 *
 * @throws {TypeError} If it holds anything but numbers
 */
export function readArray(value: Writable): NdArray {
  if (value instanceof Variable) return value.toArray();
  if (value instanceof NdArray) return value;
  return arrayFrom(value);
}

/**
 * Reads a dictionary of arrays.
 *
 * @throws {TypeError} If it is no plain object, or holds anything but arrays of numbers
 */
export function readArrays(
  operation: string,
  arrays: { readonly [name: string]: Writable },
): [name: string, array: NdArray][] {
  if (!isPlainObject(arrays)) {
    throw new TypeError(
      message`Cannot apply ${operation} to ${describeValue(arrays)}: expected an object of arrays`,
    );
  }
  return Object.entries(arrays).map(([name, value]) => {
    if (name === "__proto__") {
      throw new TypeError(message`Cannot apply ${operation}: __proto__ is no name for an array`);
    }
    return [name, readArray(value as Writable)];
  });
}
