/** Metrics, each of which enters the registry when its file is loaded. */
export {
  accuracy,
  binaryAccuracy,
  categoricalAccuracy,
  type NameOption,
  sparseCategoricalAccuracy,
  sparseTopKCategoricalAccuracy,
  topKCategoricalAccuracy,
} from "./accuracy.ts";
export { auc, type AucOptions } from "./auc.ts";
export {
  type Average,
  type AverageOption,
  confusionMatrix,
  f1Score,
  type FBetaOptions,
  fBetaScore,
} from "./by_class.ts";
export { arrayFromLogs } from "./logs.ts";
export { defineMetric, type Metric, type MetricArgument, type Totals, type TotalShapes } from "./metric.ts";
export { type R2Options, r2Score, rootMeanSquaredError } from "./regression.ts";
export {
  falseNegatives,
  falsePositives,
  precision,
  type PrecisionOptions,
  recall,
  type ThresholdOptions,
  trueNegatives,
  truePositives,
} from "./thresholds.ts";
