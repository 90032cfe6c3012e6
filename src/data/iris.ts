import { describeValue } from "../_internal/format.ts";
import { message } from "../_internal/message.ts";
import { readList, readOptions } from "../_internal/readers/mod.ts";
import text from "../../data/iris.csv" with { type: "text" };
import type { DType } from "../array/dtype.ts";
import type { NdArray } from "../array/nd_array.ts";
import { parseCsv } from "./csv.ts";
import { Table } from "./table.ts";

/** What is loaded of the Iris data. */
export interface IrisOptions {
  /** The species to load, numbered in this order; all three by default. */
  readonly classes?: readonly string[];
  /** float32 by default. */
  readonly dtype?: DType;
}

/** Flowers and their species. */
export interface Iris {
  /** Sepal length, sepal width, petal length and petal width in centimetres, shape `[rows, 4]`. */
  readonly features: NdArray;
  /** The number of each flower's species in `classes`, shape `[rows]`. */
  readonly labels: NdArray;
  /** The species. */
  readonly classes: readonly string[];
  /** The names of the four columns of `features`. */
  readonly featureNames: readonly string[];
  /** The unit of `features`. */
  readonly units: "cm";
}

/** How many species are named in a message. */
const MOST_NAMES = 12;

const FEATURES = ["sepal_length", "sepal_width", "petal_length", "petal_width"];

/**
 * Fisher's Iris data (1936): 50 flowers of each species. Needs no permission and no network.
 *
 * @param options Species and dtype
 * @throws {TypeError} If the dtype is unknown
 * @throws {RangeError} If there is no such species, one is named twice, or none is named
 *
 * @example
 * ```ts
 * import { loadIris } from "@tapegrad/tapegrad/data";
 *
 * const { features, classes } = loadIris({ classes: ["setosa", "versicolor"] });
 * console.log(features.shape, classes); // [100, 4] ["setosa", "versicolor"]
 * ```
 */
export function loadIris(options: IrisOptions = {}): Iris {
  return irisFromTable(parseCsv(text, { source: "iris.csv" }), options);
}

/**
 * Reads a table with the columns of `iris.csv`: the four measurements and `species`.
 *
 * @param table The table, from `parseCsv` or `readCsv`
 * @param options Species and dtype
 * @throws {TypeError} If the dtype is unknown
 * @throws {RangeError} If a column or species is missing, a species is named twice, or none is named
 * @throws {SyntaxError} If a measurement is missing or no number; the message names line and column
 *
 * @example
 * ```ts
 * import { irisFromTable, parseCsv } from "@tapegrad/tapegrad/data";
 *
 * const text = "sepal_length,sepal_width,petal_length,petal_width,species\n5,3,1,0.2,setosa\n";
 * console.log(irisFromTable(parseCsv(text)).features.shape); // [1, 4]
 * ```
 */
export function irisFromTable(table: Table, options: IrisOptions = {}): Iris {
  if (!(table instanceof Table)) {
    throw new TypeError(
      message`Cannot read irises from ${describeValue(table)}: pass a table, from parseCsv() or readCsv()`,
    );
  }
  const defaults = { classes: undefined, dtype: "float32" } as const;
  const { classes, dtype } = readOptions<IrisOptions, typeof defaults>("irisFromTable", options, defaults);
  if (classes !== undefined) readList("irisFromTable", "the option classes", classes);
  if (classes?.length === 0) {
    throw new RangeError("Cannot load no species: name at least one, or leave classes out");
  }
  const known = new Set(table.texts("species").map((name) => name.trim()));
  const unknown = classes?.find((name) => !known.has(name));
  if (unknown !== undefined) {
    known.delete("");
    const [names, more] = [[...known].slice(0, MOST_NAMES), known.size - MOST_NAMES];
    throw new RangeError(
      known.size === 0
        ? message`Unknown species: ${JSON.stringify(unknown)}, there are none`
        : message`Unknown species: ${JSON.stringify(unknown)}, there are
        ${names.join(", ")}${more > 0 ? ` and ${more} more` : ""}`,
    );
  }
  const rows = classes === undefined ? table : table.filter("species", (name) => classes.includes(name));
  const labels = rows.labels("species", classes, dtype);
  return {
    features: rows.features(FEATURES, dtype),
    labels: labels.codes,
    classes: labels.classes,
    featureNames: FEATURES,
    units: "cm",
  };
}
