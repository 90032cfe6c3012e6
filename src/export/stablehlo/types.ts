/** Types and numbers as the text of StableHLO has them. */
import type { DType, FloatArray } from "../../array/dtype.ts";
import type { Shape } from "../../array/shape.ts";

/** The element types that modules are written in. */
export type ElementType = "f32" | "f64" | "bf16" | "i1" | "i32" | "i64" | "ui32" | "ui64";

/** The element type of a dtype. */
export const ELEMENT_TYPES: { readonly [D in DType]: ElementType } = { float32: "f32", float64: "f64" };

/** How a tensor type is written. */
export function typeText(shape: Shape, type: ElementType): string {
  return `tensor<${shape.map((length) => `${length}x`).join("")}${type}>`;
}

/** Whether an element type holds integers or truth values. */
function isInteger(type: ElementType): boolean {
  return type.includes("i");
}

/** How a number is written in a constant. */
export function numberText(value: number, type: ElementType): string {
  if (type === "i1") return value === 0 ? "false" : "true";
  if (isInteger(type)) return `${value}`;
  if (!Number.isFinite(value)) return bitsText(value, type);
  if (Object.is(value, -0)) return "-0.0";
  const text = `${type === "f32" ? Math.fround(value) : value}`;
  if (!Number.isFinite(Number(text))) return bitsText(value, type);
  return /[.]/.test(text) ? text : text.includes("e") ? text.replace("e", ".0e") : `${text}.0`;
}

/** A number by its bits: the text has no word for infinities and NaN. */
function bitsText(value: number, type: ElementType): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  if (type === "f64") return `0x${view.getBigUint64(0).toString(16).padStart(16, "0").toUpperCase()}`;
  view.setFloat32(0, value);
  return `0x${
    (type === "bf16" ? view.getUint16(0) : view.getUint32(0)).toString(16).padStart(
      type === "bf16" ? 4 : 8,
      "0",
    ).toUpperCase()
  }`;
}

/** The elements of an array as the bytes they have in memory, lowest first. */
export function elementsText(data: FloatArray): string {
  const size = data.BYTES_PER_ELEMENT;
  const view = new DataView(new ArrayBuffer(data.length * size));
  data.forEach((x, i) =>
    size === 8 ? view.setFloat64(i * size, x, true) : view.setFloat32(i * size, x, true)
  );
  return `"0x${new Uint8Array(view.buffer).toHex().toUpperCase()}"`;
}
