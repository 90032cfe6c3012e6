import { describeValue } from "../_internal/format.ts";
import { message } from "../_internal/message.ts";
import { readChoice, readFunction, readList, readNumber, readOptions } from "../_internal/readers/mod.ts";
import { allocate, checkDType, type DType } from "../array/dtype.ts";
import { NdArray } from "../array/nd_array.ts";
import { median } from "./_statistics.ts";
import { isDecimal, isMissing } from "./fields.ts";

/** What stands for a missing number: an error, NaN, the mean or median of the column, or a number. */
export type MissingNumbers = "error" | "nan" | "mean" | "median" | number;

/** How a column of numbers is read. */
export interface NumberOptions {
  /**
   * What stands for a missing value; `"error"` by default. Missing are empty fields and, unless they are an error,
   * also `NA`, `N/A`, `NaN`, `null`, `none` and `?`.
   */
  readonly missing?: MissingNumbers;
}

/** A column of classes as numbers. */
export interface Labels {
  /** The number of each row's class, shape `[rows]`. */
  readonly codes: NdArray;
  /** The classes, by number. */
  readonly classes: readonly string[];
}

/** How a column of classes becomes one column for each class. */
export interface OneHotOptions {
  /** The classes in order; by default those found, in order of appearance. */
  readonly classes?: readonly string[];
  /** What another class is: an error (the default), or `"zeros"` in all columns. */
  readonly unknown?: "error" | "zeros";
  /** float32 by default. */
  readonly dtype?: DType;
}

/** A column of classes as one column for each class. */
export interface OneHotColumns {
  /** 1 in the column of the row's class, else 0; shape `[rows, classes]`. */
  readonly columns: NdArray;
  /** The classes, by column. */
  readonly classes: readonly string[];
}

/** Where the rows of a table come from, to say where a mistake is. */
export interface TableSource {
  /** A name for messages, such as a path. */
  readonly name: string;
  /** The line that each record starts on, the header first. */
  lines(): readonly number[];
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
  /** Which record each row is, the first after the header being 0. */
  readonly #records: ArrayLike<number> | null;
  readonly #source: TableSource;

  /** @internal Use `parseCsv` or `readCsv`. */
  constructor(
    names: readonly string[],
    positions: readonly number[],
    rows: readonly (readonly string[])[],
    source: TableSource,
    records: ArrayLike<number> | null = null,
  ) {
    this.names = names;
    this.#positions = positions;
    this.#rows = rows;
    this.#source = source;
    this.#records = records;
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
   * @param name The column
   * @param options What stands for missing values
   * @throws {TypeError} If an option is unknown
   * @throws {RangeError} If there is no such column, or a mean or median is wanted of no numbers
   * @throws {SyntaxError} If a field is no number, or missing without leave; the message names line and column
   *
   * @example
   * ```ts
   * import { parseCsv } from "@tapegrad/tapegrad/data";
   *
   * const table = parseCsv("x,y\n1,0\n,0\n5,0\n");
   * console.log(table.numbers("x", { missing: "mean" })); // Float64Array [1, 3, 5]
   * ```
   */
  numbers(name: string, options?: NumberOptions): Float64Array<ArrayBufferLike> {
    const { missing } = readOptions("numbers", options, {
      missing: "error",
    });
    if (typeof missing === "number") {
      readNumber("numbers", "the option missing", missing, { below: Infinity });
    } else readChoice("numbers", "the option missing", missing, ["error", "nan", "mean", "median"]);
    const at = this.#position(name);
    let gaps = 0;
    const values = Float64Array.from(this.#rows, (row, i) => {
      const text = row[at]!.trim();
      if (missing !== "error" && isMissing(text)) {
        gaps++;
        return NaN;
      }
      if (text === "") throw this.#error(i, name, "the value is missing");
      if (!isDecimal(text)) {
        throw this.#error(i, name, `expected a number, found ${describeValue(text)}`);
      }
      return Number(text);
    });
    return gaps === 0 || missing === "nan" ? values : this.#fillGaps(values, name, missing as MissingNumbers);
  }

  /**
   * Columns of numbers side by side.
   *
   * @param names The columns, in order
   * @param dtype float32 by default
   * @param options What stands for missing values
   * @returns Shape `[rows, columns]`
   * @throws {TypeError} If the dtype is unknown
   * @throws {RangeError} If there is no such column
   * @throws {SyntaxError} If a field is empty, no number or too large for the dtype; the message names line and
   *   column
   */
  features(names: readonly string[], dtype: DType = "float32", options?: NumberOptions): NdArray {
    readList("features", "the list of columns", names);
    const data = allocate(checkDType(dtype), this.rowCount * names.length);
    names.forEach((name, k) => {
      this.numbers(name, options).forEach((value, i) => {
        const at = i * names.length + k;
        data[at] = value;
        if (Number.isFinite(value) && !Number.isFinite(data[at])) {
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
    const codes = allocate(checkDType(dtype), this.rowCount);
    const known = this.#code(name, classes, "error", (row, code) => codes[row] = code);
    return { codes: new NdArray(codes), classes: known };
  }

  /**
   * A column of classes as one column of zeros and ones for each class.
   *
   * @param name The column
   * @param options The classes, what is done with others, and the dtype
   * @throws {TypeError} If the dtype or an option is unknown
   * @throws {RangeError} If there is no such column, or a class is named twice
   * @throws {SyntaxError} If a field is empty or none of the classes; the message names line and column
   *
   * @example
   * ```ts
   * import { parseCsv } from "@tapegrad/tapegrad/data";
   *
   * const { columns, classes } = parseCsv("colour\nred\nblue\nred\n").oneHot("colour");
   * console.log(classes, columns.toNested()); // ["red", "blue"] [[1, 0], [0, 1], [1, 0]]
   * ```
   */
  oneHot(name: string, options?: OneHotOptions): OneHotColumns {
    const { classes, unknown, dtype } = readOptions("oneHot", options, {
      classes: undefined,
      unknown: "error",
      dtype: "float32",
    });
    readChoice("oneHot", "the option unknown", unknown, ["error", "zeros"]);
    const found: [number, number][] = [];
    const known = this.#code(name, classes, unknown, (row, code) => found.push([row, code]));
    const data = allocate(checkDType(dtype), this.rowCount * known.length);
    for (const [row, code] of found) data[row * known.length + code] = 1;
    return { columns: new NdArray(data, [this.rowCount, known.length]), classes: known };
  }

  /**
   * Whether all fields of a column are numbers, but for missing ones.
   *
   * @throws {RangeError} If there is no such column
   */
  isNumeric(name: string): boolean {
    const at = this.#position(name);
    return this.#rows.every((row) => isDecimal(row[at]!.trim()) || isMissing(row[at]!.trim()));
  }

  /**
   * The rows for which the text in a column is accepted.
   *
   * @throws {RangeError} If there is no such column
   */
  filter(name: string, accept: (text: string) => boolean): Table {
    readFunction("filter", "the condition", accept);
    const at = this.#position(name);
    return this.#keep((row) => accept(row[at]!.trim()));
  }

  /**
   * The rows in which nothing is missing: no empty field, `NA`, `N/A`, `NaN`, `null`, `none` or `?`.
   *
   * @param names The columns to look at; all by default
   * @throws {RangeError} If there is no such column
   */
  dropMissing(names: readonly string[] = this.names): Table {
    const positions = readList("dropMissing", "the list of columns", names).map((name) =>
      this.#position(name)
    );
    return this.#keep((row) => positions.every((at) => !isMissing(row[at]!.trim())));
  }

  #keep(accept: (row: readonly string[]) => boolean): Table {
    const kept = this.#rows.map((_, i) => i).filter((i) => accept(this.#rows[i]!));
    return new Table(
      this.names,
      this.#positions,
      kept.map((i) => this.#rows[i]!),
      this.#source,
      kept.map((i) => this.#records?.[i] ?? i),
    );
  }

  /** Numbers the classes of a column, and returns them. */
  #code(
    name: string,
    classes: readonly string[] | undefined,
    unknown: "error" | "zeros",
    take: (row: number, code: number) => void,
  ): readonly string[] {
    const texts = this.texts(name).map((text) => text.trim());
    const known = classes === undefined
      ? [...new Set(texts)]
      : readList("labels", "the list of classes", classes);
    const numbers = new Map(known.map((label, i) => [label, i]));
    if (numbers.size < known.length) {
      const twice = known.find((label, i) => numbers.get(label) !== i)!;
      throw new RangeError(message`Cannot number the classes ${known.join(", ")}: ${twice} is named twice`);
    }
    texts.forEach((text, i) => {
      if (text === "") throw this.#error(i, name, "the value is missing");
      const code = numbers.get(text);
      if (code !== undefined) take(i, code);
      else if (unknown === "error") {
        throw this.#error(
          i,
          name,
          `found the class ${describeValue(text)}, expected one of ${known.join(", ")}`,
        );
      }
    });
    return known;
  }

  /** Puts a number in the place of each NaN. */
  #fillGaps(values: Float64Array, name: string, missing: MissingNumbers): Float64Array {
    const known = values.filter((value) => !Number.isNaN(value));
    if (typeof missing !== "number" && known.length === 0) {
      throw new RangeError(
        message`Cannot fill column ${name} of ${this.#source.name}: it has no numbers to take the ${missing} of`,
      );
    }
    const filling = typeof missing === "number"
      ? missing
      : missing === "median"
      ? median(known)
      : known.reduce((sum, value) => sum + value / known.length, 0);
    return values.map((value) => Number.isNaN(value) ? filling : value);
  }

  #position(name: string): number {
    const i = this.names.indexOf(name);
    if (i >= 0) return this.#positions[i]!;
    throw new RangeError(
      message`Unknown column in ${this.#source.name}: ${describeValue(name)}, there are
      ${this.names.join(", ")}`,
    );
  }

  #error(row: number, name: string, what: string): SyntaxError {
    const line = this.#source.lines()[1 + (this.#records?.[row] ?? row)];
    return new SyntaxError(
      message`Cannot read ${this.#source.name}, line ${line}, column
      ${this.#position(name) + 1} (${name}): ${what}`,
    );
  }
}
