import { describeValue, formatShape, formatShapes } from "./format.ts";

/** What would break a line or hide text on a terminal: control characters, separators of lines, marks of direction. */
// deno-lint-ignore no-control-regex -- these are what it looks for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Texts longer than this are cut. */
const LONGEST = 1000;

/**
 * Writes the message of an error, in one line: numbers and texts (control characters escaped, long ones cut), lists
 * of numbers as shapes, lists of those joined by "and", anything else by what it is. A line break in the template,
 * with the indentation after it, reads as one space.
 */
export function message(texts: TemplateStringsArray, ...values: readonly unknown[]): string {
  const joined = texts.map((text, i) =>
    text.replace(/\s*\n\s*/g, " ") + (i < values.length ? write(values[i]) : "")
  );
  return joined.join("").trim();
}

function write(value: unknown): string {
  if (typeof value === "string") return writeText(value);
  if (isShape(value)) return formatShape(value);
  if (Array.isArray(value) && value.length > 0 && value.every(isShape)) return formatShapes(value);
  return describeValue(value);
}

function writeText(text: string): string {
  const short = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  return short.replace(CONTROL, (c) => JSON.stringify(c).slice(1, -1).replace(/^[^\\]$/, escapeUnit));
}

function escapeUnit(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function isShape(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === "number");
}
