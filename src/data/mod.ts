/**
 * Data: tables and streams of CSV, data sets that are made as they are needed, Fisher's Iris and made-up examples,
 * splits, batches and scaling.
 *
 * @module
 */
export { type CsvOptions, parseCsv, readCsv } from "./csv.ts";
export {
  type Labels,
  type MissingNumbers,
  type NumberOptions,
  type OneHotColumns,
  type OneHotOptions,
  Table,
  type TableSource,
} from "./table.ts";
export { type CsvRecord, streamCsv } from "./csv_stream.ts";
export { Dataset, type DatasetBatchOptions, type ShuffleOptions } from "./dataset.ts";
export { type DigitOptions, makeDigits } from "./digits.ts";
export type { Batch, BatchField, Field } from "./examples.ts";
export {
  type BlobOptions,
  type GeneratorOptions,
  makeBlobs,
  makeCircles,
  makeMoons,
  makeRegression,
  makeSpirals,
  type RegressionExamples,
  type RegressionOptions,
  type SpiralOptions,
} from "./generators.ts";
export { parseIdx, readIdx } from "./idx.ts";
export type { OneArray, RowArrays, RowField } from "./tree_of_rows.ts";
export { type Iris, irisFromTable, type IrisOptions, loadIris } from "./iris.ts";
export type { Rows } from "./rows.ts";
export {
  type MinMaxOptions,
  minMaxScaler,
  robustScaler,
  type Scaler,
  type ScalerDescription,
  scalerFrom,
  type ScalerKind,
  type StandardScaler,
  standardScaler,
} from "./scalers.ts";
export { batches, type BatchOptions } from "./batches.ts";
export {
  type ExampleRows,
  type Examples,
  kFold,
  type KFoldOptions,
  type SplitOptions,
  trainTestSplit,
} from "./split.ts";
