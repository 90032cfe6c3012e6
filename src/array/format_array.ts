import { formatNumber, formatShape } from "../_internal/format.ts";
import { range } from "../_internal/range.ts";
import { dtypeOf, type FloatArray } from "./dtype.ts";
import type { Shape } from "./shape.ts";

/** Arrays of more elements are cut to the first and last ones of each axis. */
const MANY = 1000;
/** How many these are. */
const EDGE = 3;
/** How long lines get. */
const LINE = 75;
/** The digits of a number. */
const DIGITS = 6;

/**
 * An array as lines of rows in brackets, as NumPy prints it. Of a large one only the numbers that are shown are looked
 * at.
 *
 * @param data The elements, row after row
 * @param shape The lengths of the axes
 */
export function formatArray(data: FloatArray, shape: Shape): string {
  if (shape.length === 0) return formatNumber(data[0]!, DIGITS);
  const isCut = data.length > MANY;
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  // The places of an axis that are shown; null for those that are left out.
  const shown = shape.map((length) =>
    isCut && length > 2 * EDGE ? [...range(0, EDGE), null, ...range(length - EDGE, length)] : range(0, length)
  );
  const texts: string[] = [];
  const visit = (axis: number, start: number): void => {
    for (const place of shown[axis]!) {
      if (place === null) continue;
      const at = start + place * strides[axis]!;
      if (axis === shape.length - 1) texts.push(formatNumber(data[at]!, DIGITS));
      else visit(axis + 1, at);
    }
  };
  visit(0, 0);
  const width = Math.max(0, ...texts.map((text) => text.length));
  let next = 0;
  const write = (axis: number): string => {
    const isLast = axis === shape.length - 1;
    const parts = shown[axis]!.map((place) =>
      place === null ? "..." : isLast ? texts[next++]!.padStart(width) : write(axis + 1)
    );
    if (isLast) return `[${joinLines(parts, axis + 1)}]`;
    // Blocks of several axes stand apart by empty lines.
    return `[${parts.join(`,${"\n".repeat(shape.length - 1 - axis)}${" ".repeat(axis + 1)}`)}]`;
  };
  return write(0);
}

/** The texts of a row with commas between, on as many lines as it takes. */
function joinLines(texts: readonly string[], indent: number): string {
  const lines: string[] = [];
  let line = "";
  for (const text of texts) {
    if (line === "") line = text;
    else if (indent + line.length + text.length + 3 <= LINE) line += `, ${text}`;
    else {
      lines.push(line);
      line = text;
    }
  }
  return [...lines, line].join(`,\n${" ".repeat(indent)}`);
}

/**
 * An array as `console.log` shows it: what it is, and its elements.
 *
 * @param what What stands before shape and dtype
 */
export function showArray(what: string, data: FloatArray, shape: Shape): string {
  const text = formatArray(data, shape);
  return `${what} ${formatShape(shape)} ${dtypeOf(data)}${text.includes("\n") ? "\n" : " "}${text}`;
}

/**
 * The beginning of an array as JSON has it, of at most `limit` characters: numbers beyond it are not looked at.
 *
 * @returns The text, which ends in `...` if it is cut
 */
export function arrayHead(data: ArrayLike<number>, shape: Shape, limit: number): string {
  let text = "";
  let at = 0;
  const write = (axis: number): void => {
    if (axis === shape.length) {
      text += String(data[at++]);
      return;
    }
    text += "[";
    for (let i = 0; i < shape[axis]! && text.length <= limit; i++) {
      if (i > 0) text += ",";
      write(axis + 1);
    }
    text += "]";
  };
  write(0);
  return text.length > limit ? `${text.slice(0, limit - 3)}...` : text;
}
