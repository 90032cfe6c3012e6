import { formatNumber, formatShape } from "../_internal/format.ts";
import type { Value } from "../array/value.ts";

/** How a value reads in a table: the number, or the shape and the first elements. */
export function printValue(value: Value, digits = 6): string {
  if (typeof value === "number") return formatNumber(value, digits);
  const shown = Array.from(value.data.subarray(0, 3), (x) => formatNumber(x, digits)).join(" ");
  return `${formatShape(value.shape)} ${shown}${value.size > 3 ? " …" : ""}`;
}
