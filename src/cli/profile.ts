import { isDecimal, isMissing } from "../data/fields.ts";
import { message } from "../_internal/message.ts";
import type { CsvFile, Row } from "./rows.ts";

/** Different texts of a column that are remembered; a column of more is no column of categories. */
export const MOST_CATEGORIES = 100;

/** A column that has numbers in at least this share of its rows was meant to have them in all. */
const MOSTLY = 0.9;

/** Whole numbers of at most so many different values, each in so many rows on average, are read as classes. */
const MOST_NUMBERED_CLASSES = 10;
const ROWS_A_CLASS = 5;

/** What the first pass over a file has found in a column. */
export class ColumnProfile {
  readonly name: string;
  /** How often each text occurs; of too many different ones only the first. */
  readonly texts: Map<string, number> = new Map();
  #numbers = 0;
  #present = 0;
  #isWhole = true;
  #firstText: { readonly row: Row; readonly text: string } | undefined;
  #firstMissing: Row | undefined;

  constructor(name: string) {
    this.name = name;
  }

  /** Takes in the field of a row. */
  add(row: Row, text: string): void {
    if (isMissing(text)) {
      this.#firstMissing ??= row;
      return;
    }
    this.#present++;
    if (!isDecimal(text)) this.#firstText ??= { row, text };
    else {
      this.#numbers++;
      this.#isWhole &&= Number.isInteger(Number(text));
    }
    const count = this.texts.get(text);
    if (count !== undefined) this.texts.set(text, count + 1);
    else if (this.texts.size <= MOST_CATEGORIES) this.texts.set(text, 1);
  }

  /** The first row in which it has no value. */
  get firstMissing(): Row | undefined {
    return this.#firstMissing;
  }

  /** Whether it has no values at all. */
  get isEmpty(): boolean {
    return this.#present === 0;
  }

  /** Whether it has more different texts than categories may have. */
  get isWide(): boolean {
    return this.texts.size > MOST_CATEGORIES;
  }

  /** Whether its numbers look like the numbers of classes. */
  get looksLikeClasses(): boolean {
    return this.#isWhole && this.texts.size <= MOST_NUMBERED_CLASSES &&
      this.#present >= ROWS_A_CLASS * this.texts.size;
  }

  /**
   * Whether it is a column of numbers.
   *
   * @throws {SyntaxError} If nearly all fields are numbers and some are not
   */
  isNumeric(file: CsvFile): boolean {
    const odd = this.#firstText;
    if (odd === undefined) return !this.isEmpty;
    if (this.#numbers < MOSTLY * this.#present) return false;
    throw file.error(
      odd.row,
      this.name,
      `expected a number as in ${this.#numbers} of ${this.#present} rows, found ${
        JSON.stringify(odd.text)
      }; to read the column as texts use --categories ${this.name}`,
    );
  }

  /** The texts in order: numbers by size, others by alphabet. */
  sortedTexts(): string[] {
    return [...this.texts.keys()].sort((a, b) =>
      isDecimal(a) && isDecimal(b) ? Number(a) - Number(b) : a < b ? -1 : 1
    );
  }
}

/** What the first pass over a file has found. */
export interface Profile {
  readonly rowCount: number;
  readonly columns: readonly ColumnProfile[];
}

/**
 * Goes through a file once, to find out what its columns hold.
 *
 * @throws {SyntaxError} If it is malformed
 */
export async function profileOf(file: CsvFile): Promise<Profile> {
  let rowCount = 0;
  let columns: ColumnProfile[] = [];
  for await (const row of file.rows()) {
    if (rowCount++ === 0) columns = file.names.map((name) => new ColumnProfile(name));
    columns.forEach((column, k) => column.add(row, row.fields[k]!.trim()));
  }
  return { rowCount, columns };
}

/**
 * The column of a name.
 *
 * @throws {RangeError} If there is none, or it has no values
 */
export function columnOf(file: CsvFile, { columns }: Profile, name: string): ColumnProfile {
  const column = columns[file.position(name)]!;
  if (!column.isEmpty) return column;
  throw new RangeError(message`Cannot use the column ${name} of ${file.name}: it has no values`);
}
