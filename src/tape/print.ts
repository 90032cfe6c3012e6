import { message } from "../_internal/message.ts";
import { range } from "../_internal/range.ts";
import { htmlTable } from "../_internal/show.ts";
import { explainRow } from "./explain.ts";
import { printValue } from "./print_value.ts";
import type { Tape } from "./tape.ts";

/** How many rows a notebook shows. */
const SHOWN_ROWS = 60;

/** The table of a tape in HTML, with the derivatives of each row. */
export function htmlTape(tape: Tape): string {
  const rows = chooseRows(tape.length, SHOWN_ROWS);
  const left = tape.length - rows.length;
  const table = tableOf(tape, rows, true);
  return `${htmlTable(table[0]!, table.slice(1))}${
    left > 0 ? `<p>${left} rows in the middle are left out</p>` : ""
  }`;
}

/** Writes the rows of a tape as a table; see `Tape.toString`. */
export function printTape(
  tape: Tape,
  { around, limit = 1000, rules = false }: { around?: number; limit?: number; rules?: boolean },
): string {
  if (around !== undefined && !(Number.isInteger(around) && around >= 0 && around < tape.length)) {
    throw new RangeError(message`Cannot print around row ${around}: the tape has ${tape.length} rows`);
  }
  if (!(limit >= 1)) throw new RangeError(message`Cannot print the tape: limit is ${limit}, use at least 1`);
  const rows = around === undefined
    ? chooseRows(tape.length, limit)
    : range(Math.max(0, around - 5), Math.min(tape.length, around + 6));
  const table = tableOf(tape, rows, rules);
  const widths = table[0]!.map((_, i) => Math.max(...table.map((line) => line[i]!.length)));
  const lines = table.map((line) => line.map((cell, i) => cell.padEnd(widths[i]!)).join("  ").trimEnd());
  const gap = rows.findIndex((row, i) => i > 0 && row !== rows[i - 1]! + 1);
  if (gap > 0) lines.splice(gap + 1, 0, `… ${rows[gap]! - rows[gap - 1]! - 1} rows left out …`);
  return lines.join("\n");
}

/** The cells of a table, the header first. */
function tableOf(tape: Tape, rows: readonly number[], rules: boolean): string[][] {
  const header = ["row", "operation", "operands", "value", "name"];
  if (tape.notes.groups.length > 0) header.push("function");
  if (tape.adjoints !== null) header.push("adjoint");
  if (rules) header.push("derivatives by the operands");
  const cells = rows.map((row) => {
    const line = [
      String(row),
      tape.operationName(row),
      tape.operandsOf(row).map((r) => `%${r}`).join(" "),
      printValue(tape.valueOf(row)),
      tape.nameOf(row) ?? "",
    ];
    if (tape.notes.groups.length > 0) line.push(groupsOf(tape, row));
    const adjoint = tape.adjointOf(row);
    if (tape.adjoints !== null) line.push(adjoint === undefined ? "" : printValue(adjoint));
    if (rules) line.push(printRules(tape, row));
    return line;
  });
  return [header, ...cells];
}

/** The functions that have recorded a row, the outer one first. */
function groupsOf(tape: Tape, row: number): string {
  return tape.notes.groups.filter(({ start, end }) => start <= row && row < end).toReversed().map((
    { name },
  ) => name).join(" ");
}

/** The derivatives of a row by its operands: by name, and in numbers where these say more. */
function printRules(tape: Tape, row: number): string {
  return explainRow(tape, row, undefined).map(({ name, rule, numbers, local }) => {
    const value = local === undefined ? numbers : printValue(local);
    return `${name}: ${rule}${value === rule ? "" : ` = ${value}`}`;
  }).join("; ");
}

function chooseRows(length: number, limit: number): number[] {
  if (length <= limit) return range(0, length);
  const head = Math.ceil(limit / 2);
  return [...range(0, head), ...range(length - (limit - head), length)];
}
