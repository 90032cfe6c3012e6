import * as v from "npm:valibot@1.1.0";
import { message } from "../_internal/message.ts";
import type { ScalerDescription } from "../data/mod.ts";
import { isDecimal } from "../data/fields.ts";
import { loadModel } from "../io/mod.ts";
import type { Model } from "../nn/mod.ts";
import type { Variable } from "../variable/mod.ts";

/** What is done about missing values. */
export const POLICIES = ["median", "mean", "drop", "error"] as const;
/** One of {@linkcode POLICIES}. */
export type MissingPolicy = typeof POLICIES[number];

const NUMBERS = v.array(v.pipe(v.number(), v.finite()));
const SCALER = v.strictObject({
  kind: v.picklist(["standard", "minMax", "robust"]),
  offsets: NUMBERS,
  scales: NUMBERS,
});
const FEATURE = v.variant("kind", [
  v.strictObject({ kind: v.literal("number"), name: v.string(), filling: v.pipe(v.number(), v.finite()) }),
  v.strictObject({ kind: v.literal("category"), name: v.string(), values: v.array(v.string()) }),
]);
const TABLE = v.strictObject({
  version: v.literal(1),
  separator: v.string(),
  missing: v.picklist(POLICIES),
  features: v.pipe(v.array(FEATURE), v.minLength(1)),
  scaler: SCALER,
  target: v.variant("task", [
    v.strictObject({
      task: v.literal("classification"),
      name: v.string(),
      classes: v.pipe(v.array(v.string()), v.minLength(2)),
    }),
    v.strictObject({ task: v.literal("regression"), name: v.string(), scaler: SCALER }),
  ]),
  history: v.record(v.string(), v.array(v.nullable(v.number()))),
});

/** A scaler's description as a type that JSON has. */
type SavedScaler = { readonly [K in keyof ScalerDescription]: ScalerDescription[K] };

/** A column that goes in: a number, with what stands for a missing one, or a category, one of some texts. */
export type Feature =
  | { readonly kind: "number"; readonly name: string; readonly filling: number }
  | { readonly kind: "category"; readonly name: string; readonly values: readonly string[] };

/** The column that comes out: a class, or a number with how it was scaled. */
export type Target =
  | { readonly task: "classification"; readonly name: string; readonly classes: readonly string[] }
  | { readonly task: "regression"; readonly name: string; readonly scaler: SavedScaler };

/** What is kept with a model, beside its layers and weights, to predict from the rows of a table. */
export type Schema = {
  readonly version: 1;
  readonly separator: string;
  readonly missing: MissingPolicy;
  readonly features: readonly Feature[];
  /** How the numbers that a row becomes are scaled. */
  readonly scaler: SavedScaler;
  readonly target: Target;
  /** The numbers of each epoch of the training. */
  readonly history: { readonly [name: string]: readonly (number | null)[] };
};

/** The entry of a model's metadata that holds a {@linkcode Schema}. */
export const ENTRY = "table";

/** A model and what its columns are. */
export interface TableModel {
  readonly model: Model<Variable, Variable>;
  readonly schema: Schema;
}

/** How many numbers a row becomes: one of each number, one for each text of each category. */
export function widthOf(features: readonly Feature[]): number {
  return features.reduce((sum, feature) => sum + (feature.kind === "number" ? 1 : feature.values.length), 0);
}

/** The names of the numbers that a row becomes: `height`, `colour=red`. */
export function inputNames(features: readonly Feature[]): string[] {
  return features.flatMap((feature) =>
    feature.kind === "number" ? [feature.name] : feature.values.map((value) => `${feature.name}=${value}`)
  );
}

/**
 * Reads a model that `train` wrote.
 *
 * @throws {SyntaxError} If the file is something else
 */
export async function loadTableModel(path: string): Promise<TableModel> {
  return readTableModel(await loadModel(path), path);
}

/**
 * Reads what a model's columns are.
 *
 * @param path What it was read from, for messages
 * @throws {SyntaxError} If it has none, or others
 */
export function readTableModel(model: Model<Variable, Variable>, path: string): TableModel {
  const entry = model.metadata[ENTRY];
  if (entry === undefined) {
    throw new SyntaxError(
      message`Cannot read ${path}: the model has no table of columns, it was not written by train`,
    );
  }
  const checked = v.safeParse(TABLE, entry);
  if (!checked.success) {
    const [issue] = checked.issues;
    throw new SyntaxError(
      message`Cannot read ${path}: the table of columns is wrong at ${
        v.getDotPath(issue) ?? "the top"
      }, ${issue.message}`,
    );
  }
  const { features, scaler, target } = checked.output;
  const width = widthOf(features);
  const outputs = target.task === "regression" ? 1 : target.classes.length;
  const [kernel] = Object.values(model.parameters);
  const bias = Object.values(model.parameters).at(-1);
  const fits = scaler.offsets.length === width && scaler.scales.length === width &&
    kernel?.shape[0] === width &&
    bias?.size === outputs && (target.task === "classification" || target.scaler.offsets.length === 1);
  if (fits) return { model, schema: checked.output };
  throw new SyntaxError(
    message`Cannot read ${path}: the table of columns does not fit the layers, ${width} numbers go in and ${outputs} come out`,
  );
}

/** What a model expects of a table, in words. */
export function describeSchema({ features, target, missing }: Schema): string {
  const columns = features.map((feature) =>
    feature.kind === "number"
      ? `  ${feature.name}: a number; missing: ${
        missing === "mean" || missing === "median" ? `${missing} ${short(feature.filling)}` : missing
      }`
      : `  ${feature.name}: one of ${list(feature.values)}; missing or another: none of them`
  );
  const what = target.task === "regression" ? "a number" : `one of ${list(target.classes)}`;
  return [`columns:`, ...columns, `predicts ${target.name} (${target.task}): ${what}`].join("\n");
}

/** A number in a few digits. */
export function short(value: number): string {
  return isDecimal(String(value)) ? String(Number(value.toPrecision(5))) : String(value);
}

/** The first texts of a list, and how many more there are. */
function list(texts: readonly string[]): string {
  const most = 8;
  const shown = texts.slice(0, most).join(", ");
  return texts.length > most ? `${shown} and ${texts.length - most} more` : shown;
}
