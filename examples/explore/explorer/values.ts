/** Values of rows as the page writes them: numbers, and arrays by their shape and first elements. */
import type { NdArray, Value } from "../../../mod.ts";
import { write } from "../numbers.ts";

/** The shape of a value; that of a number is empty. */
export function shapeOf(value: Value): readonly number[] {
  return typeof value === "number" ? [] : value.shape;
}

/** A shape as the library writes it. */
export function writeShape(value: Value): string {
  return `[${shapeOf(value).join(", ")}]`;
}

/** Whether every element is finite. */
export function isFinite(value: Value): boolean {
  return typeof value === "number" ? Number.isFinite(value) : value.data.every((x) => Number.isFinite(x));
}

/**
 * A number, or the first elements of an array.
 *
 * @param room Characters that an array may take; its first element is always there
 */
export function brief(value: Value, digits = 4, room = 24): string {
  if (typeof value === "number") return write(value, digits);
  let text = "";
  for (let i = 0; i < value.size; i++) {
    const longer = i === 0 ? write(value.data[0]!, digits) : `${text} ${write(value.data[i]!, digits)}`;
    const rest = i < value.size - 1 ? " …" : "";
    if (i > 0 && longer.length + rest.length > room) return `${text} …`;
    text = longer;
  }
  return text;
}

/** The element at a place in the order of the elements, or the number itself. */
export function elementAt(value: Value, place: number): number {
  return typeof value === "number" ? value : value.data[place]!;
}

/** The place of the element that is farthest from 0; 0 for a number. */
export function largestPlace(value: Value): number {
  if (typeof value === "number") return 0;
  let best = 0;
  for (let i = 1; i < value.size; i++) if (Math.abs(value.data[i]!) > Math.abs(value.data[best]!)) best = i;
  return best;
}

/** Where an element stands: `[0, 1]`; nothing for a number. */
export function writeIndex(value: Value, place: number): string {
  if (typeof value === "number") return "";
  let rest = place;
  const index = value.shape.map((_, axis) => {
    const below = value.shape.slice(axis + 1).reduce((size, n) => size * n, 1);
    const at = Math.floor(rest / below);
    rest -= at * below;
    return at;
  });
  return `[${index.join(", ")}]`;
}

/** Lines and columns in which an array is drawn; axes before the last two are laid one below the other. */
export function gridOf({ shape, size }: NdArray): { readonly lines: number; readonly columns: number } {
  const columns = shape.at(-1) ?? 1;
  return { lines: columns === 0 ? 0 : size / columns, columns };
}
