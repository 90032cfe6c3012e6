import { describeValue } from "../_internal/format.ts";
import { message } from "../_internal/message.ts";
import { isPlainObject } from "../_internal/containers.ts";
import { allocate, type DType, isNumericArray, type NumericArray, promote } from "../array/dtype.ts";
import { arrayFrom, NdArray, type NestedNumbers } from "../array/nd_array.ts";
import { sameShape, sizeOf } from "../array/shape.ts";

/** One value of an example: a number, or an array of any shape. */
export type Field = number | NumericArray | NdArray;

/**
 * The batch of many examples: an array with a first axis of one entry for each in the place of every field. In an
 * example that is a tuple or an object, entries that are arrays of numbers are fields too.
 */
export type Batch<T> = T extends Field ? NdArray
  : T extends readonly unknown[] | object ? { readonly [K in keyof T]: BatchField<T[K]> }
  : never;

/** The batch of one entry of an example. */
export type BatchField<T> = T extends Field | NestedNumbers ? NdArray
  : T extends object ? { readonly [K in keyof T]: BatchField<T[K]> }
  : never;

/**
 * Puts examples one behind the other.
 *
 * @param examples At least one; all of the same structure and shapes
 * @throws {TypeError} If they differ, or hold anything but numbers
 */
export function stackExamples<T>(examples: readonly T[]): Batch<T> {
  return stack(examples, "the example", true) as Batch<T>;
}

function stack(values: readonly unknown[], where: string, isExample: boolean): unknown {
  const [first] = values;
  if (isField(first, isExample)) return stackFields(values, where);
  const isList = Array.isArray(first);
  if (!isList && !isPlainObject(first)) {
    throw new TypeError(
      message`Cannot make a batch: ${where} is ${
        describeValue(first)
      }, use numbers, arrays, and tuples or objects of them`,
    );
  }
  const keys = Object.keys(first as object);
  const entries = keys.map((key) => {
    const column = values.map((value) => {
      const isSame = typeof value === "object" && value !== null &&
        Object.keys(value).length === keys.length &&
        Object.hasOwn(value, key);
      if (isSame) return (value as Record<string, unknown>)[key];
      throw new TypeError(message`Cannot make a batch: the examples differ, ${describeValue(first)} and
        ${describeValue(value)}`);
    });
    return [key, stack(column, isList ? `entry ${key}` : key, false)] as const;
  });
  return isList ? entries.map(([, batch]) => batch) : Object.fromEntries(entries);
}

/** Whether a value is a field. An example that is a plain array is a tuple, within it a plain array of numbers is a field. */
function isField(value: unknown, isExample: boolean): boolean {
  if (typeof value === "number" || value instanceof NdArray || isNumericArray(value)) return true;
  return !isExample && Array.isArray(value) && isNumbers(value);
}

function isNumbers(value: unknown): boolean {
  return typeof value === "number" || (Array.isArray(value) && value.length > 0 && value.every(isNumbers));
}

/** Numbers become float32, as models want them; arrays keep their dtype. */
function stackFields(values: readonly unknown[], where: string): NdArray {
  const arrays = values.map((value) => {
    if (typeof value === "number") return new NdArray(Float32Array.of(value), []);
    if (Array.isArray(value)) return arrayFrom(value as NestedNumbers, "float32");
    if (value instanceof NdArray) return value;
    if (isNumericArray(value)) return arrayFrom(value);
    throw new TypeError(message`Cannot make a batch: ${where} is a number or array in one example and
      ${describeValue(value)} in another`);
  });
  const { shape } = arrays[0]!;
  const odd = arrays.find((array) => !sameShape(array.shape, shape));
  if (odd !== undefined) {
    throw new TypeError(
      message`Cannot make a batch: ${where} has shape ${shape} in one example and ${odd.shape} in another`,
    );
  }
  const dtype: DType = arrays.map((array) => array.dtype).reduce(promote);
  const size = sizeOf(shape);
  const data = allocate(dtype, arrays.length * size);
  arrays.forEach((array, i) => data.set(array.data, i * size));
  return new NdArray(data, [arrays.length, ...shape]);
}
