import { message } from "../_internal/message.ts";
import { nearestName } from "../_internal/readers/mod.ts";
import { streamFields } from "../data/csv_stream.ts";

/** A row of a CSV file. */
export interface Row {
  /** Counted from 1, without the header. */
  readonly number: number;
  /** The text in each column, in the order of the file. */
  readonly fields: readonly string[];
}

/** Columns by name. */
export interface Columns {
  /** Where a column stands, from 0; throws if there is none of this name. */
  position(column: string): number;
  /** The error of a field that can't be read. */
  error(row: Row, column: string, what: string): SyntaxError;
}

/** A CSV file that is read row by row, as often as need be. */
export class CsvFile implements Columns {
  /** Its path, or what stands for it in messages. */
  readonly name: string;
  readonly separator: string;
  readonly #open: ReturnType<typeof streamFields>;
  #names: readonly string[] | undefined;

  /**
   * @param path The file; `-` for standard input, which can be read once
   * @param separator What separates fields; a comma by default
   */
  constructor(path: string, separator: string = ",") {
    this.separator = separator;
    this.name = path === "-" ? "standard input" : path;
    const source = path === "-" ? () => Deno.stdin.readable : path;
    this.#open = streamFields(source, { separator, source: this.name });
  }

  /** The rows, from the first on. */
  async *rows(): AsyncGenerator<Row, void, unknown> {
    let number = 0;
    try {
      for await (const { names, values } of this.#open()) {
        this.#names = names;
        yield { number: ++number, fields: values };
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.IsADirectory)) throw error;
      throw new TypeError(message`Cannot read ${this.name}: it is a folder`, { cause: error });
    }
  }

  /** The names of the columns; known when the first row has been read. */
  get names(): readonly string[] {
    return this.#names ?? [];
  }

  /**
   * Where a column stands, from 0.
   *
   * @throws {RangeError} If there is none of this name
   */
  position(column: string): number {
    const at = this.names.indexOf(column);
    if (at >= 0) return at;
    const near = nearestName(column, this.names);
    const [only] = this.names;
    const other = [";", "\t", ",", "|"].find((separator) =>
      this.names.length === 1 && only!.includes(separator)
    );
    throw new RangeError(
      message`Unknown column in ${this.name}: ${JSON.stringify(column)}${
        near === undefined || other !== undefined ? "" : ` (did you mean ${near}?)`
      }, there are ${this.names.join(", ")}${
        other === undefined ? "" : `; try --separator ${other === "\t" ? "tab" : JSON.stringify(other)}`
      }`,
    );
  }

  /** The error of a field that can't be read. */
  error({ number }: Row, column: string, what: string): SyntaxError {
    return new SyntaxError(
      message`Cannot read ${this.name}, row ${number}, column ${
        this.names.indexOf(column) + 1
      } (${column}): ${what}`,
    );
  }
}
