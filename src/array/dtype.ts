import { describeValue, formatBytes } from "../_internal/format.ts";
import { message } from "../_internal/message.ts";
/** The element types of arrays: 64-bit (the default) and 32-bit floating point. */
export type DType = "float64" | "float32";

/** The buffers arrays are stored in, one class per {@linkcode DType}. */
export type FloatArray = Float64Array<ArrayBufferLike> | Float32Array<ArrayBufferLike>;

/** Every typed array that is accepted as input; all but `Float32Array` and small integers become float64. */
export type NumericArray =
  | FloatArray
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;

/** The bytes that an element takes. */
export function bytesOfElement(dtype: DType): 8 | 4 {
  return dtype === "float64" ? 8 : 4;
}

/**
 * Makes a zeroed buffer of `size` elements.
 *
 * @throws {RangeError} If there is no room for it
 */
export function allocate(dtype: DType, size: number): FloatArray {
  try {
    return dtype === "float64" ? new Float64Array(size) : new Float32Array(size);
  } catch {
    throw new RangeError(
      message`Cannot make an array of ${size} elements in ${dtype}: there is no room for
      ${formatBytes(size * bytesOfElement(dtype))}, use smaller shapes`,
    );
  }
}

/** The wider of two element types. */
export function promote(a: DType, b: DType): DType {
  return a === "float64" || b === "float64" ? "float64" : "float32";
}

/** Rounds a number to what an element of `dtype` can hold. */
export function roundTo(dtype: DType, value: number): number {
  return dtype === "float64" ? value : Math.fround(value);
}

/**
 * Checks that a text names an element type.
 *
 * @throws {TypeError} If it does not
 */
export function checkDType(dtype: unknown): DType {
  if (dtype === "float64" || dtype === "float32") return dtype;
  throw new TypeError(message`Unknown dtype: ${describeValue(dtype)}, use "float64" or "float32"`);
}

/** Whether a value is a typed array of numbers (no `DataView`, no 64-bit integers). */
export function isNumericArray(value: unknown): value is NumericArray {
  return ArrayBuffer.isView(value) && !(value instanceof DataView) &&
    !(value instanceof BigInt64Array) && !(value instanceof BigUint64Array);
}

/** The element type a typed array is read as: float32 where that holds every value exactly. */
export function dtypeOf(data: NumericArray): DType {
  return data instanceof Float64Array || data instanceof Int32Array || data instanceof Uint32Array
    ? "float64"
    : "float32";
}
