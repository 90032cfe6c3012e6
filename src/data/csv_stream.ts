import { CsvParseStream } from "@std/csv/parse-stream";
import { streamBytes } from "../_internal/files.ts";
import { describeValue } from "../_internal/format.ts";
import { message } from "../_internal/message.ts";
import { type CsvOptions, positionsOf, readCsvOptions, readHeader } from "./csv.ts";
import { Dataset } from "./dataset.ts";

/** A row of a CSV file: the text in each column. */
export type CsvRecord = Readonly<Record<string, string>>;

/**
 * A CSV file with a header line, row by row, so that it need not fit into memory. Needs read permission when it is
 * gone through. A byte-order mark, CRLF, quoted fields and blank lines are fine.
 *
 * @param source A path, or a function that opens a stream of bytes for each epoch
 * @param options Columns to keep, separator, and a name for messages
 * @returns Examples that are objects of texts by column; `map` makes numbers of them. What is wrong in the file is
 *   thrown when it is gone through: a SyntaxError that names the row
 * @throws {TypeError} If the source is something else, or an option is unknown
 * @throws {RangeError} If the separator is not one character
 *
 * @example
 * ```ts
 * import { streamCsv } from "@tapegrad/tapegrad/data";
 *
 * const open = () => new Blob(["x,y\n1,2\n3,4\n"]).stream();
 * const data = streamCsv(open).map(({ x, y }) => [Number(x), Number(y)] as const).batch(2);
 * for await (const [x, y] of data) console.log(x.toNested(), y.toNested()); // [1, 3] [2, 4]
 * ```
 */
export function streamCsv(
  source: string | URL | (() => ReadableStream<Uint8Array> | Promise<ReadableStream<Uint8Array>>),
  options?: CsvOptions,
): Dataset<CsvRecord> {
  const fields = streamFields(source, options);
  return Dataset.fromGenerator(async function* (): AsyncGenerator<CsvRecord, void, unknown> {
    for await (const { names, values } of fields()) {
      yield Object.fromEntries(names.map((name, k) => [name, values[k]!]));
    }
  });
}

/** The fields of a row, and the names of their columns. */
export interface CsvFields {
  readonly names: readonly string[];
  readonly values: readonly string[];
}

/**
 * A CSV file as a function that goes through it row by row, with the columns in the order of the file or of the option
 * `columns`; see {@linkcode streamCsv}.
 */
export function streamFields(
  source: string | URL | (() => ReadableStream<Uint8Array> | Promise<ReadableStream<Uint8Array>>),
  options?: CsvOptions,
): () => AsyncGenerator<CsvFields, void, unknown> {
  const isPath = typeof source === "string" || source instanceof URL;
  if (!isPath && typeof source !== "function") {
    throw new TypeError(
      message`Cannot read CSV from ${
        describeValue(source)
      }: pass a path, or a function that opens a stream of bytes`,
    );
  }
  const { columns, separator, source: given } = readCsvOptions("streamCsv", options);
  const name = isPath && options?.source === undefined ? String(source) : given;
  return async function* (): AsyncGenerator<CsvFields, void, unknown> {
    const bytes: unknown = isPath ? await streamBytes(source) : await source();
    if (!(bytes instanceof ReadableStream)) {
      throw new TypeError(
        message`Cannot read CSV: the function that opens it gives ${
          describeValue(bytes)
        }, return a stream of bytes`,
      );
    }
    let header: string[] | undefined;
    let kept: readonly string[] = [];
    let positions: readonly number[] = [];
    let row = 0;
    try {
      for await (const fields of recordsOf(bytes, separator)) {
        if (header === undefined) {
          header = readHeader(fields, name);
          kept = columns ?? header;
          positions = positionsOf(kept, header, name);
          continue;
        }
        row++;
        if (fields.length !== header.length) {
          throw new SyntaxError(
            message`Cannot read ${name}, row ${row}, column ${
              Math.min(fields.length, header.length) + 1
            }: the row has ${fields.length} fields, the header has ${header.length}`,
          );
        }
        yield { names: kept, values: columns === undefined ? fields : positions.map((at) => fields[at]!) };
      }
    } catch (error) {
      throw explain(error, name, row);
    }
    if (row > 0) return;
    throw new SyntaxError(
      header === undefined
        ? message`Cannot read ${name}: the file is empty`
        : message`Cannot read ${name}: there is a header (${header.join(", ")}) and no row`,
    );
  };
}

function recordsOf(bytes: ReadableStream<Uint8Array>, separator: string): ReadableStream<string[]> {
  const decoder = new TextDecoderStream("utf-8", { fatal: true }) as unknown as ReadableWritablePair<
    string,
    Uint8Array
  >;
  return bytes.pipeThrough(decoder).pipeThrough(new CsvParseStream({ separator }));
}

/** What the decoder and the parser of CSV throw, in our words. */
function explain(error: unknown, name: string, row: number): unknown {
  if (error instanceof TypeError && /decode|utf-?8|encoded data/i.test(error.message)) {
    return new SyntaxError(message`Cannot read ${name}, after row ${row}: the file is no text in UTF-8`, {
      cause: error,
    });
  }
  if (!(error instanceof SyntaxError) || error.message.startsWith("Cannot read")) return error;
  return new SyntaxError(message`Cannot read ${name}, after row ${row}: ${error.message}`, { cause: error });
}
