import { message } from "../_internal/message.ts";
import { nearestName } from "../_internal/readers/mod.ts";
import { NdArray } from "../array/nd_array.ts";
import { scalerFrom } from "../data/mod.ts";
import type { Model } from "../nn/mod.ts";
import type { Variable } from "../variable/mod.ts";
import { RowEncoder } from "./encoder.ts";
import { predictionOf } from "./measure.ts";
import type { Columns, Row } from "./rows.ts";
import { readTableModel } from "./schema.ts";

/** A row by the names of its columns; `null` is a missing value. */
export type TableRow = { readonly [column: string]: string | number | boolean | null };

/** What a model says of a row. */
export interface TablePrediction {
  /** The name of a class, or a number; `null` where a value is missing that forbids a prediction. */
  readonly prediction: string | number | null;
  /** How likely each class is, if there are classes. */
  readonly probabilities?: { readonly [label: string]: number };
}

/** Predicts rows of a table. */
export interface TablePredictor {
  /** The columns that a row has to have. */
  readonly columns: readonly string[];
  /**
   * Predicts some rows.
   *
   * @returns A prediction for each, in their order
   * @throws {RangeError} If a row lacks a column
   * @throws {SyntaxError} If a value is no number where one is expected, or missing without leave
   */
  predict(rows: readonly TableRow[]): TablePrediction[];
}

/**
 * Predicts from rows as objects, by a model that the command line trained: its file holds how columns become numbers.
 *
 * @param model What `loadModel` read
 * @throws {SyntaxError} If `train` did not write the model
 *
 * @example
 * ```ts
 * import { runCommandLine, tablePredictor } from "@tapegrad/tapegrad/cli";
 * import { loadModel } from "@tapegrad/tapegrad/io";
 *
 * const folder = await Deno.makeTempDir();
 * const rows = Array.from({ length: 60 }, (_, i) => `${i % 7},${i % 2 ? "red" : "blue"},${i % 7 + i % 2 + i / 100}`);
 * await Deno.writeTextFile(`${folder}/data.csv`, ["size,colour,price", ...rows].join("\n"));
 * const out = `${folder}/model.safetensors`;
 * await runCommandLine(["train", `${folder}/data.csv`, "--target", "price", "--epochs", "2", "--out", out, "--quiet"]);
 *
 * const predictor = tablePredictor(await loadModel(out));
 * console.log(predictor.columns, predictor.predict([{ size: 3, colour: "red" }])[0]!.prediction);
 * ```
 */
export function tablePredictor(model: Model<Variable, Variable>): TablePredictor {
  if (typeof model?.predict !== "function" || model.metadata === undefined) {
    throw new TypeError("Cannot predict from a table: pass the model that loadModel() read");
  }
  const { schema } = readTableModel(model, "the model");
  const { features, target } = schema;
  const names = features.map(({ name }) => name);
  const scaler = scalerFrom(schema.scaler);
  return {
    columns: names,
    predict(rows) {
      if (!Array.isArray(rows)) {
        throw new TypeError("Cannot predict from a table: pass a list of rows, objects of values by column");
      }
      const encoder = new RowEncoder(new FeatureColumns(names), schema);
      const numbers = new Float64Array(rows.length * encoder.width);
      let encoded = 0;
      const places = rows.map((row: TableRow, i) => {
        const isWhole = encoder.encode(
          { number: i + 1, fields: fieldsOf(row, names, i + 1) },
          numbers,
          encoded * encoder.width,
        );
        if (isWhole) return encoded++;
        numbers.fill(0, encoded * encoder.width, (encoded + 1) * encoder.width);
        return null;
      });
      const x = scaler.transform(
        new NdArray(numbers.subarray(0, encoded * encoder.width), [encoded, encoder.width]),
      );
      const output = encoded === 0 ? [] : model.predict(x as never).data;
      const classes = target.task === "classification" ? target.classes : null;
      return places.map((place): TablePrediction => {
        if (place === null) return { prediction: null };
        const at = place * (classes?.length ?? 1);
        const prediction = predictionOf(target, output, at);
        if (classes === null) return { prediction };
        return {
          prediction,
          probabilities: Object.fromEntries(classes.map((label, k) => [label, output[at + k]!])),
        };
      });
    },
  };
}

/** The columns that a model needs, in their order. */
class FeatureColumns implements Columns {
  readonly #names: readonly string[];

  constructor(names: readonly string[]) {
    this.#names = names;
  }

  position(column: string): number {
    return this.#names.indexOf(column);
  }

  error({ number }: Row, column: string, what: string): SyntaxError {
    return new SyntaxError(message`Cannot predict row ${number}, column ${column}: ${what}`);
  }
}

/** The values of the columns as texts. */
function fieldsOf(row: TableRow, names: readonly string[], number: number): string[] {
  if (typeof row !== "object" || row === null || Array.isArray(row)) {
    throw new TypeError(message`Cannot predict row ${number}: pass an object of values by column`);
  }
  return names.map((name) => {
    if (!Object.hasOwn(row, name)) {
      const near = nearestName(name, Object.keys(row));
      throw new RangeError(
        message`Cannot predict row ${number}: there is no ${JSON.stringify(name)}${
          near === undefined ? "" : ` (is it ${JSON.stringify(near)}?)`
        }; pass null where it is not known`,
      );
    }
    const value: unknown = row[name];
    if (value === null) return "";
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
      return String(value);
    }
    throw new TypeError(
      message`Cannot predict row ${number}, column ${name}: expected a text, a number or null, found ${typeof value}`,
    );
  });
}
