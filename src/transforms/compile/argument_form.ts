/** The form of a call's arguments, to see at once whether the same program serves another call. */
import { plainValue } from "../../variable/rows.ts";
import type { Value } from "../../array/value.ts";
import { NdArray } from "../../array/nd_array.ts";
import { sameShape, type Shape } from "../../array/shape.ts";
import type { DType } from "../../array/dtype.ts";
import { isPlainObject } from "../../_internal/containers.ts";
import { Variable } from "../../variable/mod.ts";
import { isLeaf } from "../core/leaves.ts";

/** What an argument has to look like; null if it can't be told without reading all of it. */
export type ArgumentForm =
  | { readonly kind: "number" }
  | { readonly kind: "variable" | "array"; readonly shape: Shape; readonly dtype: DType }
  | { readonly kind: "typed"; readonly dtype: DType; readonly size: number }
  | { readonly kind: "list"; readonly entries: readonly ArgumentForm[] }
  | { readonly kind: "object"; readonly names: readonly string[]; readonly entries: readonly ArgumentForm[] }
  | { readonly kind: "static"; readonly value: unknown }
  | { readonly kind: "unknown" };

/** The form of an argument. */
export function formOf(value: unknown, isStatic: boolean): ArgumentForm {
  if (isStatic) return { kind: "static", value };
  if (typeof value === "number") return { kind: "number" };
  if (value instanceof Variable && value.state?.takesOtherDtype) return { kind: "unknown" };
  if (value instanceof Variable) return { kind: "variable", shape: value.shape, dtype: value.dtype };
  if (value instanceof NdArray) return { kind: "array", shape: value.shape, dtype: value.dtype };
  if (value instanceof Float64Array || value instanceof Float32Array) {
    return {
      kind: "typed",
      dtype: value instanceof Float64Array ? "float64" : "float32",
      size: value.length,
    };
  }
  if (Array.isArray(value) && !isLeaf(value)) {
    return { kind: "list", entries: value.map((entry) => formOf(entry, false)) };
  }
  if (isPlainObject(value)) {
    const names = Object.keys(value);
    return { kind: "object", names, entries: names.map((name) => formOf(value[name], false)) };
  }
  return isLeaf(value) ? { kind: "unknown" } : { kind: "static", value };
}

/** Whether a value has a form; its leaves are put behind the others meanwhile. */
export function readAs(form: ArgumentForm, value: unknown, leaves: Value[]): boolean {
  switch (form.kind) {
    case "number":
      return typeof value === "number" && leaves.push(value) > 0;
    case "variable":
      return value instanceof Variable && value.dtype === form.dtype && isShape(value.shape, form.shape) &&
        leaves.push(plainValue(value)) > 0;
    case "array":
      return value instanceof NdArray && value.dtype === form.dtype && isShape(value.shape, form.shape) &&
        leaves.push(value) > 0;
    case "typed":
      return (form.dtype === "float64" ? value instanceof Float64Array : value instanceof Float32Array) &&
        (value as Float64Array).length === form.size && leaves.push(new NdArray(value as Float64Array)) > 0;
    case "list":
      return Array.isArray(value) && value.length === form.entries.length &&
        form.entries.every((entry, i) => readAs(entry, value[i], leaves));
    case "object":
      return isPlainObject(value) && readEntries(form, value, leaves);
    case "static":
      return Object.is(value, form.value) && (typeof value !== "object" || value === null);
    case "unknown":
      return false;
  }
}

function readEntries(
  { names, entries }: Extract<ArgumentForm, { kind: "object" }>,
  value: Readonly<Record<string, unknown>>,
  leaves: Value[],
): boolean {
  let i = 0;
  for (const name in value) {
    if (names[i] !== name || !readAs(entries[i]!, value[name], leaves)) return false;
    i++;
  }
  return i === names.length;
}

function isShape(a: Shape, b: Shape): boolean {
  return a === b || sameShape(a, b);
}
