/** How CSV is read. */
export interface ReadOptions {
  separator?: string;
  comment?: string;
  trimLeadingSpace?: boolean;
  lazyQuotes?: boolean;
  fieldsPerRecord?: number;
  skipFirstRow?: boolean;
  columns?: readonly string[];
}

/** A row read from CSV: its fields, or these by the names of the columns. */
export type Row = string[] | Record<string, string>;

/** Where the next field begins; that the row has ended; that a quoted field goes on in the next line. */
type Next = number | "ended" | "open";

/** Reads rows from lines; a quoted field may span several. */
export class RowReader {
  readonly #separator: string;
  readonly #options: ReadOptions;
  #line = 0;
  #firstLine = 0;
  #fields: string[] = [];
  /** What has been read of a quoted field that a line left open. */
  #open: string | undefined;
  #width: number | undefined;
  #header: readonly string[] | undefined;
  #isFirst = true;

  constructor(options: ReadOptions) {
    const { separator = ",", comment, fieldsPerRecord = -1, columns } = options;
    if (/^["\r\n]?$/.test(separator) || /^["\r\n]$/.test(comment ?? "") || separator === comment) {
      throw new Error("Invalid Delimiter");
    }
    this.#options = options;
    this.#separator = separator;
    this.#width = fieldsPerRecord < 0 ? undefined : fieldsPerRecord;
    this.#header = columns;
  }

  /** Takes a line without its end; returns the row that it completes, if it does. */
  read(line: string): Row | undefined {
    this.#line++;
    let next: Next = 0;
    if (this.#open !== undefined) {
      this.#open += "\n";
      next = this.#readQuoted(line, 0);
    } else {
      if (line === "" || line[0] === this.#options.comment) return undefined;
      this.#firstLine = this.#line;
      this.#fields = [];
    }
    while (typeof next === "number") next = this.#readField(line, next);
    return next === "ended" ? this.#finish() : undefined;
  }

  /** The row that the end of the input completes, if a quoted field is open and may be. */
  end(): Row | undefined {
    if (this.#open === undefined) return undefined;
    this.#line++;
    if (!this.#options.lazyQuotes) throw this.#error(0, 'extraneous or missing " in quoted-field');
    this.#close();
    return this.#finish();
  }

  #readField(line: string, start: number): Next {
    let at = start;
    if (this.#options.trimLeadingSpace) at = line.length - line.slice(at).trimStart().length;
    if (line[at] === '"') {
      this.#open = "";
      return this.#readQuoted(line, at + 1);
    }
    const separator = line.indexOf(this.#separator, at);
    const field = line.slice(at, separator < 0 ? undefined : separator);
    const quote = this.#options.lazyQuotes ? -1 : field.indexOf('"');
    if (quote >= 0) throw this.#error(at + quote, 'bare " in non-quoted-field');
    this.#fields.push(field);
    return separator < 0 ? "ended" : separator + this.#separator.length;
  }

  #readQuoted(line: string, start: number): Next {
    for (let at = start;;) {
      const quote = line.indexOf('"', at);
      this.#open += line.slice(at, quote < 0 ? undefined : quote);
      if (quote < 0) return "open";
      at = quote + 1;
      if (line[at] === '"') {
        this.#open += '"';
        at++;
      } else if (at === line.length) {
        this.#close();
        return "ended";
      } else if (line.startsWith(this.#separator, at)) {
        this.#close();
        return at + this.#separator.length;
      } else if (this.#options.lazyQuotes) {
        this.#open += '"';
      } else {
        throw this.#error(quote, 'extraneous or missing " in quoted-field');
      }
    }
  }

  #close(): void {
    this.#fields.push(this.#open ?? "");
    this.#open = undefined;
  }

  #finish(): Row | undefined {
    const fields = this.#fields;
    const isHeader = this.#isFirst && this.#options.skipFirstRow;
    this.#isFirst = false;
    if (this.#width === 0) this.#width = fields.length;
    if (this.#width !== undefined && fields.length !== this.#width) {
      throw new SyntaxError(
        `Syntax error on line ${this.#firstLine}: expected ${this.#width} fields but got ${fields.length}`,
      );
    }
    if (isHeader) {
      this.#header ??= fields;
      return undefined;
    }
    return this.#header === undefined ? fields : this.#name(fields, this.#header);
  }

  #name(fields: readonly string[], header: readonly string[]): Record<string, string> {
    if (fields.length !== header.length) {
      throw new Error(
        `Syntax error on line ${this.#firstLine}: The record has ${fields.length} fields, ` +
          `but the header has ${header.length} fields`,
      );
    }
    return Object.fromEntries(header.map((name, i) => [name, fields[i]!]));
  }

  #error(column: number, problem: string): SyntaxError {
    const record = this.#firstLine === this.#line ? "" : `record starts on line ${this.#firstLine}; `;
    return new SyntaxError(`Syntax error on line ${this.#line}, column ${column + 1}: ${record}${problem}`);
  }
}

/** What rows are, by the options. */
export type ParseResult<O, T> = T extends O & { columns: readonly (infer C extends string)[] }
  ? RecordWithColumn<C>[]
  : T extends O & { skipFirstRow: true } ? Record<string, string | undefined>[]
  : T extends O & { columns?: undefined; skipFirstRow?: false | undefined } ? string[][]
  : Record<string, string | undefined>[] | string[][];

/** A row by the names of its columns. */
export type RecordWithColumn<C extends string> = string extends C ? Record<string, string | undefined>
  : Record<C, string>;
