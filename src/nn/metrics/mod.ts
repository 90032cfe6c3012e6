/** Metrics, each of which enters the registry when its file is loaded. */
export { binaryAccuracy, categoricalAccuracy, sparseCategoricalAccuracy } from "./accuracy.ts";
export { defineMetric, type Metric, type MetricArgument, type Totals } from "./metric.ts";
