import { parse } from "@std/csv/parse";
import { checkPath, readBytes } from "../_internal/files.ts";
import { describeValue } from "../_internal/format.ts";
import { message } from "../_internal/message.ts";
import { readList, readOptions, readText } from "../_internal/readers/mod.ts";
import { recordLines } from "./csv_lines.ts";
import { Table } from "./table.ts";

/** How a CSV text is read. */
export interface CsvOptions {
  /** The columns to keep, in this order; all by default. */
  readonly columns?: readonly string[];
  /** What separates fields, a comma by default. */
  readonly separator?: string;
  /** A name for the text in error messages, such as its path. */
  readonly source?: string;
}

/**
 * Reads a CSV text with a header line. A byte-order mark, CRLF, quoted fields and blank lines are fine.
 *
 * @param text The CSV
 * @param options Columns to keep, separator, and a name for messages
 * @throws {TypeError} If it is no text, or an option is unknown
 * @throws {SyntaxError} If the text is empty, has no rows, a row has another number of fields than the header, or
 *   quotes do not match; the message names line and column
 * @throws {RangeError} If a column to keep is not there, the header names one twice, or the separator is not one
 *   character
 *
 * @example
 * ```ts
 * import { parseCsv } from "@tapegrad/tapegrad/data";
 *
 * console.log(parseCsv('name,x\r\n"a, b",1\r\n').texts("name")); // ["a, b"]
 * ```
 */
export function parseCsv(text: string, options?: CsvOptions): Table {
  const { columns, separator, source } = readCsvOptions("parseCsv", options);
  if (typeof text !== "string") {
    throw new TypeError(message`Cannot read ${source}: expected a text, found ${describeValue(text)}`);
  }
  const plain = text.replace(/^\ufeff/, "").replace(/\r(?=\n|$)/g, "");
  let known: readonly number[] | undefined;
  const lines = (): readonly number[] => known ??= recordLines(plain, separator, source);
  if (plain.includes("\r")) lines();
  const [header, ...rows] = parseRecords(plain, separator, source, lines);
  if (header === undefined) throw new SyntaxError(message`Cannot read ${source}, line 1: the text is empty`);
  const names = readHeader(header, source);
  if (rows.length === 0) {
    throw new SyntaxError(
      message`Cannot read ${source}, line ${lines()[0]}: there is a header (${names.join(", ")}) and no row`,
    );
  }
  const odd = rows.findIndex((row) => row.length !== names.length);
  if (odd >= 0) throw wrongLength(source, lines()[odd + 1]!, rows[odd]!.length, names.length);
  const kept = columns ?? names;
  return new Table(kept, positionsOf(kept, names, source), rows, { name: source, lines });
}

/** The options of everything that reads CSV, with the defaults filled in. */
export function readCsvOptions(
  operation: string,
  options: CsvOptions | undefined,
): { columns: readonly string[] | undefined; separator: string; source: string } {
  const { columns, separator, source } = readOptions(operation, options, {
    columns: undefined,
    separator: ",",
    source: "the CSV text",
  });
  readText(operation, "the option source", source);
  if (columns !== undefined) readList(operation, "the option columns", columns);
  if (typeof separator !== "string" || !/^[^"\r\n]$/u.test(separator)) {
    throw new RangeError(
      message`Cannot read ${source}: the separator is ${describeValue(separator)}, use
      one character, no quote or line break`,
    );
  }
  return { columns, separator, source };
}

/** The records of a text; where it can't be read, our own scanner says where. */
function parseRecords(text: string, separator: string, source: string, lines: () => unknown): string[][] {
  try {
    return parse(text, { separator });
  } catch (error) {
    lines();
    throw new SyntaxError(message`Cannot read ${source}: ${(error as Error).message}`, { cause: error });
  }
}

/**
 * The names in a header.
 *
 * @throws {RangeError} If it names a column twice
 */
export function readHeader(fields: readonly string[], source: string): string[] {
  const names = fields.map((name) => name.trim());
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return names;
  throw new RangeError(message`Cannot read ${source}, line 1: column ${twice} is named twice`);
}

/**
 * Where columns stand among the names of a header.
 *
 * @throws {RangeError} If one is not there
 */
export function positionsOf(columns: readonly string[], names: readonly string[], source: string): number[] {
  return columns.map((name) => {
    const at = names.indexOf(name);
    if (at >= 0) return at;
    throw new RangeError(
      message`Unknown column in ${source}: ${describeValue(name)}, there are
      ${names.join(", ")}`,
    );
  });
}

/** The error of a row that has too many or too few fields. */
export function wrongLength(source: string, line: number, found: number, expected: number): SyntaxError {
  return new SyntaxError(
    message`Cannot read ${source}, line ${line}, column
    ${Math.min(found, expected) + 1}: the row has ${found} fields, the header has ${expected}`,
  );
}

/**
 * Reads a CSV file; see {@linkcode parseCsv}. Needs read permission.
 *
 * @param path The file
 * @param options As for {@linkcode parseCsv}
 * @throws {Deno.errors.NotFound} If there is no such file
 * @throws {Deno.errors.NotCapable} If read permission is missing
 * @throws {SyntaxError} As {@linkcode parseCsv}; also if the file is compressed or no text in UTF-8
 * @throws {RangeError} As {@linkcode parseCsv}
 *
 * @example
 * ```ts
 * import { readCsv } from "@tapegrad/tapegrad/data";
 *
 * const path = await Deno.makeTempFile();
 * await Deno.writeTextFile(path, "x\n1\n");
 * console.log((await readCsv(path)).numbers("x")); // Float64Array [1]
 * await Deno.remove(path);
 * ```
 */
export async function readCsv(path: string | URL, options?: CsvOptions): Promise<Table> {
  checkPath(path);
  const source = options?.source ?? String(path);
  readCsvOptions("readCsv", options);
  return parseCsv(decodeText(await readBytes(path), source), { ...options, source });
}

/**
 * Reads bytes as a text in UTF-8.
 *
 * @throws {SyntaxError} If they are something else
 */
function decodeText(bytes: Uint8Array, source: string): string {
  const [first, second] = bytes;
  if (first === 0x1f && second === 0x8b) {
    throw new SyntaxError(message`Cannot read ${source}: the file is compressed with gzip, unpack it first`);
  }
  const binary = bytes.indexOf(0);
  if (binary >= 0) {
    throw new SyntaxError(message`Cannot read ${source}: byte ${binary} is 0, the file is no text in UTF-8`);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new SyntaxError(message`Cannot read ${source}: the file is no text in UTF-8, save it as such`, {
      cause: error,
    });
  }
}
