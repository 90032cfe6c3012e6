import { isDecimal, isMissing } from "../data/fields.ts";
import type { Columns, Row } from "./rows.ts";
import type { Feature, MissingPolicy, Schema, Target } from "./schema.ts";
import { widthOf } from "./schema.ts";

/** Makes numbers of rows. */
export class RowEncoder {
  /** The numbers of a row. */
  readonly width: number;
  /** Rows that were left out, or not predicted, as a value is missing. */
  dropped = 0;
  /** How many fields held a category that is not known, by column. */
  readonly unknown: Map<string, number> = new Map();
  readonly #file: Columns;
  readonly #missing: MissingPolicy;
  readonly #target: Target;
  readonly #features: readonly { readonly feature: Feature; readonly codes: ReadonlyMap<string, number> }[];
  readonly #classes: ReadonlyMap<string, number>;
  #positions: readonly number[] | undefined;
  #targetPosition: number | undefined;

  constructor(file: Columns, { features, missing, target }: Pick<Schema, "features" | "missing" | "target">) {
    this.#file = file;
    this.#missing = missing;
    this.#target = target;
    this.width = widthOf(features);
    this.#features = features.map((feature) => ({
      feature,
      codes: new Map(feature.kind === "category" ? feature.values.map((value, code) => [value, code]) : []),
    }));
    this.#classes = new Map(
      target.task === "classification" ? target.classes.map((label, code) => [label, code]) : [],
    );
  }

  /**
   * Writes the numbers of a row.
   *
   * @param into Where to, all zeros there
   * @param at From where on
   * @returns False if the row is to be left out, as a value is missing
   * @throws {SyntaxError} If a field is no number, or missing without leave
   * @throws {RangeError} If a column is not there
   */
  encode(row: Row, into: Float64Array, at: number): boolean {
    const positions = this.#positions ??= this.#features.map(({ feature }) =>
      this.#file.position(feature.name)
    );
    for (let k = 0; k < positions.length; k++) {
      const { feature, codes } = this.#features[k]!;
      const text = row.fields[positions[k]!]!.trim();
      if (isMissing(text)) {
        if (this.#missing === "error") throw this.#file.error(row, feature.name, "the value is missing");
        if (this.#missing === "drop") {
          this.dropped++;
          return false;
        }
      }
      if (feature.kind === "number") into[at++] = this.#number(row, feature.name, text, feature.filling);
      else {
        const code = codes.get(text);
        if (code !== undefined) into[at + code] = 1;
        else if (!isMissing(text)) this.unknown.set(feature.name, (this.unknown.get(feature.name) ?? 0) + 1);
        at += feature.values.length;
      }
    }
    return true;
  }

  #number(row: Row, column: string, text: string, filling: number): number {
    if (isDecimal(text)) return Number(text);
    if (isMissing(text)) return filling;
    throw this.#file.error(row, column, `expected a number, found ${JSON.stringify(text)}`);
  }

  /**
   * The class of a row by its number, or the number that is to be predicted.
   *
   * @returns undefined if the row is to be left out, as the value is missing
   * @throws {SyntaxError} If it is no number or another class, or missing without leave
   * @throws {RangeError} If the column is not there
   */
  label(row: Row): number | undefined {
    const target = this.#target;
    const { name } = target;
    const text = row.fields[this.#targetPosition ??= this.#file.position(name)]!.trim();
    if (isMissing(text) && !this.#classes.has(text)) {
      if (this.#missing === "error") throw this.#file.error(row, name, "the value is missing");
      this.dropped++;
      return undefined;
    }
    if (target.task === "regression") return this.#number(row, name, text, NaN);
    const code = this.#classes.get(text);
    if (code !== undefined) return code;
    throw this.#file.error(
      row,
      name,
      `found the class ${JSON.stringify(text)}, expected one of ${target.classes.join(", ")}`,
    );
  }

  /** What is to be said of the rows that were read, in sentences. */
  remarks(what: string): string[] {
    return [
      ...this.dropped === 0 ? [] : [`${count(this.dropped, "row")} with missing values ${what}`],
      ...[...this.unknown].map(([column, times]) =>
        `${count(times, "row")} with a ${column} that was not there in training, read as none of the known`
      ),
    ];
  }
}

/** `1 row`, `2 rows`. */
export function count(number: number, noun: string): string {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}
