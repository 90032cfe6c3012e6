import { scalerFrom } from "../data/mod.ts";
import { NdArray } from "../array/nd_array.ts";
import type { RowEncoder } from "./encoder.ts";
import type { CsvFile, Row } from "./rows.ts";
import { largestAt } from "./report.ts";
import type { TableModel, Target } from "./schema.ts";

/** How many rows are encoded and predicted at a time. */
const BLOCK = 1024;

/** What a model says of a row: the name of a class, or a number. */
export function predictionOf(target: Target, output: ArrayLike<number>, at: number): string | number {
  if (target.task === "classification") return target.classes[largestAt(output, at, target.classes.length)]!;
  const { offsets: [offset = 0], scales: [scale = 1] } = target.scaler;
  return Number((output[at]! * scale + offset).toPrecision(7));
}

/** A row, and where among the model's outputs its prediction begins. */
export interface PredictedRow {
  readonly row: Row;
  /** Undefined where nothing was asked for labels. */
  readonly label: number | undefined;
  /** Undefined if the row has a missing value that forbids a prediction. */
  readonly at: number | undefined;
}

/** Rows with what the model says of them. */
export interface PredictedBlock {
  readonly rows: readonly PredictedRow[];
  readonly output: ArrayLike<number>;
}

/**
 * What a model says of the rows of a file, block by block, in a memory that does not grow.
 *
 * @param wants What is to be done with rows: `"labels"` leaves those out that have none, or cannot be predicted
 * @param accept Which rows to look at; all by default
 */
export async function* predictFile(
  { model, schema }: TableModel,
  file: CsvFile,
  encoder: RowEncoder,
  wants: "labels" | "all",
  accept: (row: Row) => boolean = () => true,
): AsyncGenerator<PredictedBlock, void, unknown> {
  const scaler = scalerFrom(schema.scaler);
  const width = encoder.width;
  const outputs = schema.target.task === "regression" ? 1 : schema.target.classes.length;
  let numbers = new Float64Array(BLOCK * width);
  let rows: PredictedRow[] = [];
  let encoded = 0;
  const finish = (): PredictedBlock => {
    const x = scaler.transform(new NdArray(numbers.slice(0, encoded * width), [encoded, width]));
    const output = encoded === 0 ? [] : model.predict(x as never, { batchSize: BLOCK }).data;
    const block = { rows, output };
    numbers = new Float64Array(BLOCK * width);
    rows = [];
    encoded = 0;
    return block;
  };
  for await (const row of file.rows()) {
    if (!accept(row)) continue;
    const label = wants === "labels" ? encoder.label(row) : undefined;
    if (wants === "labels" && label === undefined) continue;
    const isWhole = encoder.encode(row, numbers, encoded * width);
    if (isWhole) rows.push({ row, label, at: encoded++ * outputs });
    else {
      numbers.fill(0, encoded * width, (encoded + 1) * width);
      if (wants === "all") rows.push({ row, label, at: undefined });
    }
    if (encoded === BLOCK || rows.length === BLOCK) yield finish();
  }
  if (rows.length > 0) yield finish();
}
