/** A stand-in for the CSV functions this project uses, on `csv-parse`. */
import { CsvError, parse as parseSync } from "npm:csv-parse@7.0.3/sync";

/** How `parse` reads its input. */
export interface ParseOptions {
  separator?: string;
  comment?: string;
  trimLeadingSpace?: boolean;
  lazyQuotes?: boolean;
  fieldsPerRecord?: number;
  skipFirstRow?: boolean;
  columns?: readonly string[];
}

interface ParsedRow {
  record: string[];
  info: { lines: number };
}

export function parse(input: string): string[][];
export function parse(
  input: string,
  options: ParseOptions & ({ skipFirstRow: true } | { columns: readonly string[] }),
): Record<string, string>[];
export function parse(input: string, options: ParseOptions): string[][];
export function parse(input: string, options: ParseOptions = {}): unknown {
  let rows: ParsedRow[];
  try {
    rows = parseSync(input, {
      bom: true,
      info: true,
      delimiter: options.separator ?? ",",
      record_delimiter: ["\r\n", "\n"],
      comment: options.comment ?? null,
      comment_no_infix: true,
      ltrim: options.trimLeadingSpace ?? false,
      relax_quotes: options.lazyQuotes ?? false,
      relax_column_count: true,
      skip_empty_lines: true,
    }) as unknown as ParsedRow[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new SyntaxError(`Syntax error on line ${error.lines ?? 1}: ${error.message}`);
  }
  const records = rows.map((row) => row.record);
  const fixed = options.fieldsPerRecord ?? -1;
  const expected = fixed > 0 ? fixed : fixed === 0 ? records[0]?.length : undefined;
  const wrong = expected === undefined ? -1 : records.findIndex((r) => r.length !== expected);
  if (wrong >= 0) {
    throw new SyntaxError(
      `Syntax error on line ${rows[wrong]!.info.lines}: expected ${expected} fields but got ${
        records[wrong]!.length
      }`,
    );
  }
  if (!options.skipFirstRow && options.columns === undefined) return records;
  const header = options.columns ?? records[0] ?? [];
  return records.slice(options.skipFirstRow ? 1 : 0).map((record, i) => {
    if (record.length !== header.length) {
      throw new Error(
        `Syntax error on line ${rows[i + (options.skipFirstRow ? 1 : 0)]!.info.lines}: The record has ` +
          `${record.length} fields, but the header has ${header.length} fields`,
      );
    }
    return Object.fromEntries(header.map((name, k) => [name, record[k]]));
  });
}
