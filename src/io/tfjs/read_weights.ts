import { describeValue } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import { NdArray } from "../../array/nd_array.ts";
import { sizeOf } from "../../array/shape.ts";
import { ELEMENT_TYPES, type ElementName, readElements } from "../../formats/elements.ts";

/** A weight as the manifest states it. */
export interface WeightSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly quantization?: {
    readonly dtype: string;
    readonly min?: number | undefined;
    readonly scale?: number | undefined;
  } | undefined;
}

const TYPES: { readonly [dtype: string]: ElementName | undefined } = {
  float32: "F32",
  float16: "F16",
  int32: "I32",
  bool: "BOOL",
  uint8: "U8",
  uint16: "U16",
};

/**
 * Reads weights that lie one after the other; quantized ones are `byte * scale + min`.
 *
 * @throws {SyntaxError} If there are fewer bytes than weights, or more
 * @throws {TypeError} If a weight is of a type that is not supported
 */
export function readWeights(specs: readonly WeightSpec[], bytes: Uint8Array): Map<string, NdArray> {
  const arrays = new Map<string, NdArray>();
  let at = 0;
  for (const { name, shape, dtype, quantization } of specs) {
    const stored = quantization?.dtype ?? dtype;
    const type = Object.hasOwn(TYPES, stored) ? TYPES[stored] : undefined;
    if (type === undefined) {
      throw new TypeError(
        message`Cannot read the weight ${describeValue(name)}: elements of type ${
          describeValue(stored)
        } are not supported`,
      );
    }
    const size = sizeOf(shape);
    const end = at + size * ELEMENT_TYPES[type].bytes;
    if (arrays.has(name)) {
      throw new SyntaxError(message`Cannot read weights: ${describeValue(name)} stands twice`);
    }
    if (!(end <= bytes.length)) {
      throw new SyntaxError(
        message`Cannot read the weight ${
          describeValue(name)
        }: it ends at byte ${end}, there are ${bytes.length}`,
      );
    }
    const data = Float32Array.from(readElements(ELEMENT_TYPES[type], bytes.subarray(at, end), true));
    const { scale = 1, min = 0 } = quantization ?? {};
    arrays.set(
      name,
      new NdArray(quantization === undefined ? data : data.map((x) => x * scale + min), [...shape]),
    );
    at = end;
  }
  if (at === bytes.length) return arrays;
  throw new SyntaxError(message`Cannot read weights: they end at byte ${at}, there are ${bytes.length}`);
}
