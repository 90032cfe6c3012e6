import { type ParseResult, type ReadOptions, type RecordWithColumn, type Row, RowReader } from "./rows.ts";

export type { ParseResult, RecordWithColumn };
/** How {@linkcode parse} reads its input. */
export type ParseOptions = ReadOptions;

export function parse(input: string): string[][];
export function parse<const T extends ParseOptions>(
  input: string,
  options: T,
): ParseResult<ParseOptions, T>;
export function parse(input: string, options: ParseOptions = {}): unknown {
  const reader = new RowReader(options);
  const lines = input.replace(/^\ufeff/, "").split(/\r?\n/);
  const last = lines.pop()!.replace(/\r$/, "");
  if (last !== "") lines.push(last);
  const rows: Row[] = [];
  for (const line of lines) add(reader.read(line));
  add(reader.end());
  return rows;

  function add(row: Row | undefined): void {
    if (row !== undefined) rows.push(row);
  }
}
