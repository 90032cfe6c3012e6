import { message } from "../_internal/message.ts";
import type { Value } from "../array/value.ts";
import { formatShape } from "../_internal/format.ts";
import type { Tape } from "./tape.ts";

/** How a value reads in a table: the number, or the shape and the first elements. */
export function printValue(value: Value): string {
  if (typeof value === "number") return printNumber(value);
  const shown = Array.from(value.data.subarray(0, 3), printNumber).join(" ");
  return `${formatShape(value.shape)} ${shown}${value.size > 3 ? " …" : ""}`;
}

function printNumber(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(6))) : String(value);
}

/** Writes the rows of a tape as a table; see `Tape.toString`. */
export function printTape(tape: Tape, { around, limit = 1000 }: { around?: number; limit?: number }): string {
  if (around !== undefined && !(Number.isInteger(around) && around >= 0 && around < tape.length)) {
    throw new RangeError(message`Cannot print around row ${around}: the tape has ${tape.length} rows`);
  }
  if (!(limit >= 1)) throw new RangeError(message`Cannot print the tape: limit is ${limit}, use at least 1`);
  const rows = around === undefined
    ? chooseRows(tape.length, limit)
    : chooseRange(Math.max(0, around - 5), Math.min(tape.length, around + 6));
  const header = ["row", "operation", "operands", "value", "name"];
  if (tape.adjoints !== null) header.push("adjoint");
  const cells = rows.map((row) => {
    const line = [
      String(row),
      tape.operationName(row),
      tape.operandsOf(row).map((r) => `%${r}`).join(" "),
      printValue(tape.valueOf(row)),
      tape.nameOf(row) ?? "",
    ];
    const adjoint = tape.adjointOf(row);
    if (tape.adjoints !== null) line.push(adjoint === undefined ? "" : printValue(adjoint));
    return line;
  });
  const table = [header, ...cells];
  const widths = header.map((_, i) => Math.max(...table.map((line) => line[i]!.length)));
  const lines = table.map((line) => line.map((cell, i) => cell.padEnd(widths[i]!)).join("  ").trimEnd());
  const gap = rows.findIndex((row, i) => i > 0 && row !== rows[i - 1]! + 1);
  if (gap > 0) lines.splice(gap + 1, 0, `… ${rows[gap]! - rows[gap - 1]! - 1} rows left out …`);
  return lines.join("\n");
}

function chooseRange(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

function chooseRows(length: number, limit: number): number[] {
  if (length <= limit) return chooseRange(0, length);
  const head = Math.ceil(limit / 2);
  return [...chooseRange(0, head), ...chooseRange(length - (limit - head), length)];
}
