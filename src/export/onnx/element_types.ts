import type { DType } from "../../array/dtype.ts";

/** The element types that are written and read. */
export type ElementType = keyof typeof CODES;

/** Their numbers in ONNX (TensorProto.DataType). */
const CODES = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  bfloat16: 16,
} as const;

/** The bytes of an element. */
export const BYTES: Readonly<Record<ElementType, number>> = {
  float32: 4,
  uint8: 1,
  int8: 1,
  uint16: 2,
  int16: 2,
  int32: 4,
  int64: 8,
  bool: 1,
  float16: 2,
  float64: 8,
  uint32: 4,
  uint64: 8,
  bfloat16: 2,
};

/** The number of an element type in ONNX. */
export function codeOf(type: ElementType): number {
  return CODES[type];
}

/** The element type of a number in ONNX; undefined for texts, complex numbers and the like. */
export function typeOfCode(code: number): ElementType | undefined {
  return (Object.keys(CODES) as ElementType[]).find((type) => CODES[type] === code);
}

/** Whether it holds floating-point numbers, by which there are derivatives. */
export function isFloat(type: ElementType): boolean {
  return type === "float32" || type === "float64" || type === "float16" || type === "bfloat16";
}

/** The dtype that elements are held in here: integers and truth values in float64. */
export function dtypeFor(type: ElementType): DType {
  return isFloat(type) && type !== "float64" ? "float32" : "float64";
}
