import { message } from "../_internal/message.ts";
import { parse } from "@std/csv";
import { describeValue } from "../_internal/format.ts";
import { allocate, checkDType, type DType } from "../array/dtype.ts";
import { NdArray } from "../array/nd_array.ts";

/** How a CSV text is read. */
export interface CsvOptions {
  /** The columns to keep, in this order; all by default. */
  readonly columns?: readonly string[];
  /** What separates fields, a comma by default. */
  readonly separator?: string;
  /** A name for the text in error messages, such as its path. */
  readonly source?: string;
}

/** What counts as a number: decimals, with an exponent or without; no hexadecimals, no `Infinity`. */
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** A column of classes as numbers. */
export interface Labels {
  /** The number of each row's class, shape `[rows]`. */
  readonly codes: NdArray;
  /** The classes, by number. */
  readonly classes: readonly string[];
}

/**
 * A table of texts with named columns, which are read as numbers or classes when asked for.
 *
 * @example
 * ```ts
 * import { parseCsv } from "@tapegrad/tapegrad/data";
 *
 * const table = parseCsv("height,species\n1.5,oak\n2,elm\n");
 * console.log(table.numbers("height")); // Float64Array [1.5, 2]
 * console.log(table.labels("species").classes); // ["oak", "elm"]
 * ```
 */
export class Table {
  /** The names of the columns. */
  readonly names: readonly string[];
  readonly #rows: readonly (readonly string[])[];
  readonly #positions: readonly number[];
  readonly #lines: readonly number[];
  readonly #source: string;

  /** @internal Use `parseCsv` or `readCsv`. */
  constructor(
    names: readonly string[],
    positions: readonly number[],
    rows: readonly (readonly string[])[],
    lines: readonly number[],
    source: string,
  ) {
    this.names = names;
    this.#positions = positions;
    this.#rows = rows;
    this.#lines = lines;
    this.#source = source;
  }

  /** The number of rows. */
  get rowCount(): number {
    return this.#rows.length;
  }

  /**
   * A column as it stands.
   *
   * @throws {RangeError} If there is no such column
   */
  texts(name: string): string[] {
    const at = this.#position(name);
    return this.#rows.map((row) => row[at]!);
  }

  /**
   * A column of numbers.
   *
   * @throws {RangeError} If there is no such column
   * @throws {SyntaxError} If a field is empty or no number; the message names line and column
   */
  numbers(name: string): Float64Array<ArrayBufferLike> {
    const at = this.#position(name);
    return Float64Array.from(this.#rows, (row, i) => {
      const text = row[at]!.trim();
      const value = Number(text);
      if (text === "") throw this.#error(i, name, "the value is missing");
      if (!DECIMAL.test(text) || !Number.isFinite(value)) {
        throw this.#error(i, name, `expected a number, found ${describeValue(text)}`);
      }
      return value;
    });
  }

  /**
   * Columns of numbers side by side.
   *
   * @param names The columns, in order
   * @param dtype float32 by default
   * @returns Shape `[rows, columns]`
   * @throws {TypeError} If the dtype is unknown
   * @throws {RangeError} If there is no such column
   * @throws {SyntaxError} If a field is empty, no number or too large for the dtype; the message names line and
   *   column
   */
  features(names: readonly string[], dtype: DType = "float32"): NdArray {
    const data = allocate(checkDType(dtype), this.rowCount * names.length);
    names.forEach((name, k) => {
      this.numbers(name).forEach((value, i) => {
        const at = i * names.length + k;
        data[at] = value;
        if (!Number.isFinite(data[at])) {
          throw this.#error(i, name, `${value} is too large for ${dtype}, use float64`);
        }
      });
    });
    return new NdArray(data, [this.rowCount, names.length]);
  }

  /**
   * A column of classes as numbers from 0 up.
   *
   * @param name The column
   * @param classes The classes in order; by default those found, in order of appearance
   * @param dtype float32 by default
   * @throws {TypeError} If the dtype is unknown
   * @throws {RangeError} If there is no such column, or a class is named twice
   * @throws {SyntaxError} If a field is empty or none of the classes; the message names line and column
   */
  labels(name: string, classes?: readonly string[], dtype: DType = "float32"): Labels {
    const texts = this.texts(name).map((text) => text.trim());
    const known = classes ?? [...new Set(texts)];
    const twice = known.find((label, i) => known.indexOf(label) !== i);
    if (twice !== undefined) {
      throw new RangeError(message`Cannot number the classes ${known.join(", ")}: ${twice} is named twice`);
    }
    const numbers = new Map(known.map((label, i) => [label, i]));
    const codes = allocate(checkDType(dtype), texts.length);
    texts.forEach((text, i) => {
      if (text === "") throw this.#error(i, name, "the value is missing");
      const code = numbers.get(text);
      if (code === undefined) {
        throw this.#error(
          i,
          name,
          `found the class ${describeValue(text)}, expected one of ${known.join(", ")}`,
        );
      }
      codes[i] = code;
    });
    return { codes: new NdArray(codes), classes: known };
  }

  /** The rows for which the text in a column is accepted. */
  filter(name: string, accept: (text: string) => boolean): Table {
    const at = this.#position(name);
    const kept = this.#rows.map((_, i) => i).filter((i) => accept(this.#rows[i]![at]!.trim()));
    return new Table(
      this.names,
      this.#positions,
      kept.map((i) => this.#rows[i]!),
      kept.map((i) => this.#lines[i]!),
      this.#source,
    );
  }

  #position(name: string): number {
    const i = this.names.indexOf(name);
    if (i >= 0) return this.#positions[i]!;
    throw new RangeError(
      message`Unknown column in ${this.#source}: ${describeValue(name)}, there are
      ${this.names.join(", ")}`,
    );
  }

  #error(row: number, name: string, what: string): SyntaxError {
    return new SyntaxError(
      message`Cannot read ${this.#source}, line ${this.#lines[row]}, column
      ${this.#position(name) + 1} (${name}): ${what}`,
    );
  }
}

/**
 * Reads a CSV text with a header line. A byte-order mark, CRLF, quoted fields and blank lines are fine.
 *
 * @param text The CSV
 * @param options Columns to keep, separator, and a name for messages
 * @throws {TypeError} If it is no text
 * @throws {SyntaxError} If the text is empty, a row has another number of fields than the header, or quotes
 *   do not match; the message names line and column
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
export function parseCsv(text: string, options: CsvOptions = {}): Table {
  const { separator = ",", source = "the CSV text" } = options;
  if (typeof text !== "string") {
    throw new TypeError(message`Cannot read ${source}: expected a text, found ${describeValue(text)}`);
  }
  if (!/^[^"\r\n]$/u.test(separator)) {
    throw new RangeError(
      message`Cannot read ${source}: the separator is ${describeValue(separator)}, use
      one character, no quote or line break`,
    );
  }
  const plain = text.replace(/^\ufeff/, "").replace(/\r(?=\n|$)/g, "");
  const lines = recordLines(plain, separator, source);
  const records = parse(plain, { separator });
  const header = records[0]?.map((name) => name.trim());
  if (header === undefined) throw new SyntaxError(message`Cannot read ${source}, line 1: the text is empty`);
  const twice = header.find((name, i) => header.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new RangeError(message`Cannot read ${source}, line 1: column ${twice} is named twice`);
  }
  const rows = records.slice(1);
  rows.forEach((row, i) => {
    if (row.length !== header.length) {
      throw new SyntaxError(
        message`Cannot read ${source}, line ${lines[i + 1]}, column
        ${Math.min(row.length, header.length) + 1}: the row has ${row.length} fields, the header has
        ${header.length}`,
      );
    }
  });
  const names = options.columns ?? header;
  const positions = names.map((name) => {
    const at = header.indexOf(name);
    if (at < 0) {
      throw new RangeError(
        message`Unknown column in ${source}: ${describeValue(name)}, there are
        ${header.join(", ")}`,
      );
    }
    return at;
  });
  return new Table(names, positions, rows, lines.slice(1), source);
}

/**
 * Reads a CSV file; see {@linkcode parseCsv}. Needs read permission.
 *
 * @param path The file
 * @param options As for {@linkcode parseCsv}
 * @throws {Deno.errors.NotFound} If there is no such file
 * @throws {Deno.errors.NotCapable} If read permission is missing
 * @throws {SyntaxError} As {@linkcode parseCsv}
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
export async function readCsv(path: string | URL, options: CsvOptions = {}): Promise<Table> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Deno.errors.NotFound(`Cannot read ${path}: there is no such file`, { cause: error });
  }
  return parseCsv(text, { source: String(path), ...options });
}

/**
 * The line each record starts on: blank lines and line breaks inside quotes count.
 *
 * @throws {SyntaxError} If quotes do not match, or a carriage return stands alone
 */
function recordLines(text: string, separator: string, source: string): number[] {
  const starts: number[] = [];
  let state: "record" | "field" | "plain" | "quoted" | "closed" = "record";
  let line = 1;
  let column = 1;
  let opened = 1;
  const fail = (at: number, what: string): SyntaxError =>
    new SyntaxError(message`Cannot read ${source}, line ${at}, column ${column}: ${what}`);
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === "\n") line++;
    if (state === "quoted") {
      if (character !== '"') continue;
      if (text[i + 1] === '"') i++;
      else state = "closed";
    } else if (character === "\n") {
      state = "record";
      column = 1;
    } else {
      if (state === "record") starts.push(line);
      if (text.startsWith(separator, i)) {
        state = "field";
        column++;
        i += separator.length - 1;
      } else if (character === "\r") {
        throw fail(line, "a carriage return stands alone, end lines with LF or CRLF");
      } else if (state === "closed") {
        throw fail(line, "text follows a closing quote, write quotes inside quotes twice");
      } else if (character !== '"') state = "plain";
      else if (state === "plain") {
        throw fail(line, "a quote stands inside a field that does not start with one");
      } else {
        state = "quoted";
        opened = line;
      }
    }
  }
  if (state === "quoted") throw fail(opened, "the quote is never closed");
  return starts;
}
