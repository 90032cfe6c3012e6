import { describeValue, formatShape, formatShapes } from "./format.ts";

/**
 * Writes the message of an error: texts and numbers as they are, lists of numbers as shapes, lists of those joined by "and", anything else by what
 * it is. A line break in the template, with the indentation after it, reads as one space.
 */
export function message(texts: TemplateStringsArray, ...values: readonly unknown[]): string {
  const joined = texts.map((text, i) =>
    text.replace(/\s*\n\s*/g, " ") + (i < values.length ? write(values[i]) : "")
  );
  return joined.join("").trim();
}

function write(value: unknown): string {
  if (typeof value === "string") return value;
  if (isShape(value)) return formatShape(value);
  if (Array.isArray(value) && value.length > 0 && value.every(isShape)) return formatShapes(value);
  return describeValue(value);
}

function isShape(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === "number");
}
