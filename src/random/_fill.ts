import { readShape } from "../_internal/readers/mod.ts";
import { fillBits } from "../_internal/threefry.ts";
import { allocate, checkDType, type DType } from "../array/dtype.ts";
import { NdArray } from "../array/nd_array.ts";
import { type Shape, sizeOf } from "../array/shape.ts";

/** How many elements are drawn from one buffer of bits. */
const CHUNK = 4096;

/**
 * Draws every element from 64 bits of its own, under the counter `[element, 0]`.
 *
 * @param operation The name that messages about the shape show
 * @param words The words of the key
 * @param draw Makes an element of two words of bits and the element's number
 * @throws {TypeError} If the dtype is unknown
 * @throws {RangeError} If the shape is none
 */
export function fill(
  operation: string,
  [key0, key1]: readonly [number, number],
  shape: Shape,
  dtype: DType,
  draw: (high: number, low: number, element: number) => number,
): NdArray {
  const data = allocate(checkDType(dtype), sizeOf(readShape(operation, shape)));
  const bits = new Uint32Array(2 * Math.min(CHUNK, data.length));
  for (let start = 0; start < data.length; start += CHUNK) {
    fillBits(key0, key1, 0, start, bits);
    const end = Math.min(start + CHUNK, data.length);
    for (let i = start, k = 0; i < end; i++, k += 2) data[i] = draw(bits[k]!, bits[k + 1]!, i);
  }
  return new NdArray(data, shape);
}
