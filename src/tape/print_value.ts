import { formatShape } from "../_internal/format.ts";
import type { Value } from "../array/value.ts";

/** How a value reads in a table: the number, or the shape and the first elements. */
export function printValue(value: Value, digits = 6): string {
  if (typeof value === "number") return printNumber(value, digits);
  const shown = Array.from(value.data.subarray(0, 3), (x) => printNumber(x, digits)).join(" ");
  return `${formatShape(value.shape)} ${shown}${value.size > 3 ? " …" : ""}`;
}

function printNumber(value: number, digits: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(digits))) : String(value);
}
