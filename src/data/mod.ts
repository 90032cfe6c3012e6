/**
 * Data: CSV tables, Fisher's Iris, splits, batches and scaling.
 *
 * @module
 */
export { type CsvOptions, type Labels, parseCsv, readCsv, Table } from "./csv.ts";
export { type Iris, irisFromTable, type IrisOptions, loadIris } from "./iris.ts";
export { type StandardScaler, standardScaler } from "./scaler.ts";
export { batches, type BatchOptions, type Examples, type SplitOptions, trainTestSplit } from "./split.ts";
