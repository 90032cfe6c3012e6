import { message } from "../_internal/message.ts";
import type { FloatArray } from "../array/dtype.ts";

/** An element type of a file: its bytes, what it becomes here, and how one is read. */
export interface ElementType {
  /** The bytes of one element. */
  readonly bytes: number;
  /** The dtype that holds every value exactly; 64-bit integers as far as they are safe. */
  readonly dtype: "float64" | "float32";
  /** Reads one element; throws a RangeError for an integer that no number holds exactly. */
  read(view: DataView, at: number, littleEndian: boolean): number;
}

/** The names of {@linkcode ELEMENT_TYPES}. */
export type ElementName =
  | "F64"
  | "F32"
  | "F16"
  | "BF16"
  | "I64"
  | "U64"
  | "I32"
  | "U32"
  | "I16"
  | "U16"
  | "I8"
  | "U8"
  | "BOOL";

/** The element types that convert without loss, by the name that safetensors gives them. */
export const ELEMENT_TYPES: Readonly<Record<ElementName, ElementType>> = {
  F64: { bytes: 8, dtype: "float64", read: (view, at, little) => view.getFloat64(at, little) },
  F32: { bytes: 4, dtype: "float32", read: (view, at, little) => view.getFloat32(at, little) },
  F16: { bytes: 2, dtype: "float32", read: (view, at, little) => halfToNumber(view.getUint16(at, little)) },
  BF16: { bytes: 2, dtype: "float32", read: (view, at, little) => brainToNumber(view.getUint16(at, little)) },
  I64: { bytes: 8, dtype: "float64", read: (view, at, little) => exact(view.getBigInt64(at, little)) },
  U64: { bytes: 8, dtype: "float64", read: (view, at, little) => exact(view.getBigUint64(at, little)) },
  I32: { bytes: 4, dtype: "float64", read: (view, at, little) => view.getInt32(at, little) },
  U32: { bytes: 4, dtype: "float64", read: (view, at, little) => view.getUint32(at, little) },
  I16: { bytes: 2, dtype: "float32", read: (view, at, little) => view.getInt16(at, little) },
  U16: { bytes: 2, dtype: "float32", read: (view, at, little) => view.getUint16(at, little) },
  I8: { bytes: 1, dtype: "float32", read: (view, at) => view.getInt8(at) },
  U8: { bytes: 1, dtype: "float32", read: (view, at) => view.getUint8(at) },
  BOOL: { bytes: 1, dtype: "float32", read: (view, at) => view.getUint8(at) === 0 ? 0 : 1 },
};

/** Whether the host keeps the least significant byte first, as files do. */
const LITTLE_HOST = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/**
 * Reads elements one after the other.
 *
 * @param bytes As many as the elements take
 * @param littleEndian Whether the least significant byte comes first
 * @throws {RangeError} If a 64-bit integer is larger than a number holds exactly
 */
export function readElements(type: ElementType, bytes: Uint8Array, littleEndian: boolean): FloatArray {
  const count = bytes.length / type.bytes;
  const data = type.dtype === "float64" ? new Float64Array(count) : new Float32Array(count);
  if (littleEndian === LITTLE_HOST && (type === ELEMENT_TYPES.F64 || type === ELEMENT_TYPES.F32)) {
    new Uint8Array(data.buffer, data.byteOffset, data.byteLength).set(bytes);
    return data;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let i = 0, at = 0; i < count; i++, at += type.bytes) data[i] = type.read(view, at, littleEndian);
  return data;
}

/** The bytes of elements, the least significant first. */
export function bytesOf(data: FloatArray): Uint8Array {
  if (LITTLE_HOST) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const bytes = new Uint8Array(data.byteLength);
  const view = new DataView(bytes.buffer);
  data.forEach((value, i) => {
    if (data instanceof Float64Array) view.setFloat64(8 * i, value, true);
    else view.setFloat32(4 * i, value, true);
  });
  return bytes;
}

/** A number of 1 sign, 5 exponent and 10 fraction bits (IEEE 754 binary16). */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const WORD = new DataView(new ArrayBuffer(4));

/** A number of which only the upper half of the float32 is kept. */
function brainToNumber(bits: number): number {
  WORD.setUint32(0, bits << 16);
  return WORD.getFloat32(0);
}

function exact(value: bigint): number {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  throw new RangeError(
    message`Cannot read the integer ${String(value)}: numbers hold integers exactly up to 2^53`,
  );
}
