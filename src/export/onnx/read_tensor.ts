import type * as Onnx from "npm:onnx-buf@1.20.0-1";
import { message } from "../../_internal/message.ts";
import { allocate, type FloatArray } from "../../array/dtype.ts";
import { NdArray } from "../../array/nd_array.ts";
import { sizeOf } from "../../array/shape.ts";
import { ELEMENT_TYPES, type ElementName, readElements } from "../../formats/elements.ts";
import { BYTES, dtypeFor, type ElementType, typeOfCode } from "./element_types.ts";

/** A tensor of a file. */
export interface ReadTensor {
  readonly type: ElementType;
  /** Its elements; integers and truth values in float64. */
  readonly array: NdArray;
}

const NAMES: Readonly<Record<Exclude<ElementType, "int64" | "uint64">, ElementName>> = {
  float32: "F32",
  float64: "F64",
  float16: "F16",
  bfloat16: "BF16",
  int32: "I32",
  uint32: "U32",
  int16: "I16",
  uint16: "U16",
  int8: "I8",
  uint8: "U8",
  bool: "BOOL",
};

/**
 * Reads a tensor.
 *
 * @param what What it is, for messages
 * @throws {SyntaxError} If its bytes do not fit its shape
 * @throws {TypeError} If it is of an element type that numbers can't hold, or stands in another file
 */
export function readTensor(tensor: Onnx.TensorProto, what: string): ReadTensor {
  const type = typeOfCode(tensor.dataType);
  if (type === undefined) {
    throw new TypeError(
      message`Cannot read ${what} of an ONNX file: elements of type ${tensor.dataType} are not supported`,
    );
  }
  if (tensor.externalData.length > 0 || tensor.dataLocation === 1) {
    throw new TypeError(
      message`Cannot read ${what} of an ONNX file: its elements stand in another file, save the model as one file`,
    );
  }
  const shape = tensor.dims.map(Number);
  const size = sizeOf(shape);
  if (!shape.every((length) => Number.isSafeInteger(length) && length >= 0) || !Number.isSafeInteger(size)) {
    throw new SyntaxError(message`Cannot read ${what} of an ONNX file: its shape is ${shape}`);
  }
  const count = tensor.rawData.length > 0
    ? tensor.rawData.length / BYTES[type]
    : fieldOf(tensor, type).length;
  if (count !== size) {
    throw new SyntaxError(
      message`Cannot read ${what} of an ONNX file: its shape ${shape} has ${size} elements, the file has ${count}`,
    );
  }
  const data = tensor.rawData.length > 0
    ? readRaw(type, tensor.rawData)
    : readField(type, fieldOf(tensor, type));
  return { type, array: new NdArray(data, shape) };
}

/** The field that holds elements one by one. */
function fieldOf(tensor: Onnx.TensorProto, type: ElementType): readonly (number | bigint)[] {
  switch (type) {
    case "float32":
      return tensor.floatData;
    case "float64":
      return tensor.doubleData;
    case "int64":
      return tensor.int64Data;
    case "uint32":
    case "uint64":
      return tensor.uint64Data;
    default:
      return tensor.int32Data;
  }
}

function readField(type: ElementType, field: readonly (number | bigint)[]): FloatArray {
  if (type !== "float16" && type !== "bfloat16") return fill(type, field.length, (i) => Number(field[i]!));
  // The bits of each number stand in an integer.
  const bits = Uint16Array.from(field, Number);
  return readRaw(type, new Uint8Array(bits.buffer));
}

function readRaw(type: ElementType, bytes: Uint8Array): FloatArray {
  if (type !== "int64" && type !== "uint64") {
    const data = readElements(ELEMENT_TYPES[NAMES[type]], bytes, true);
    return dtypeFor(type) === "float64" ? Float64Array.from(data) : data;
  }
  // Integers beyond 2 ** 53 stand for "as far as there is" in slices; they need not be exact.
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return fill(
    type,
    bytes.length / 8,
    (i) => Number(type === "int64" ? view.getBigInt64(8 * i, true) : view.getBigUint64(8 * i, true)),
  );
}

function fill(type: ElementType, length: number, at: (i: number) => number): FloatArray {
  const data = allocate(dtypeFor(type), length);
  for (let i = 0; i < length; i++) data[i] = at(i);
  return data;
}
