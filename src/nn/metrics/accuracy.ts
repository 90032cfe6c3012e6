import { readNumber } from "../../_internal/readers/mod.ts";
import { arange, where } from "../../functions/mod.ts";
import type { Variable } from "../../variable/mod.ts";
import type { Factory } from "../core/registry.ts";
import type { Loss } from "../losses/loss.ts";
import { defineMetric, type Metric } from "./metric.ts";

/** The share of numbers that are on the right side of a threshold, 0.5 by default. */
export const binaryAccuracy: Factory<{ threshold?: number; name?: string }, Metric> = defineMetric(
  "binaryAccuracy",
  ({ threshold = 0.5 }: { threshold?: number }) => {
    readNumber("binaryAccuracy", "threshold", threshold);
    return (labels: Variable, predictions: Variable) => predictions.gt(threshold).eq(labels);
  },
);

/** The share of rows whose largest number stands where the label's does. */
export const categoricalAccuracy: Factory<{ name?: string }, Metric> = defineMetric(
  "categoricalAccuracy",
  () => (labels: Variable, predictions: Variable) => largest(predictions).eq(largest(labels)),
);

/** The share of rows whose largest number stands at the label, a number of a class. */
export const sparseCategoricalAccuracy: Factory<{ name?: string }, Metric> = defineMetric(
  "sparseCategoricalAccuracy",
  () => (labels: Variable, predictions: Variable) => largest(predictions).eq(labels),
);

/**
 * The share of right answers: of each number by rounding, for binary losses and single units; else of each row by
 * the largest number, beside labels of the same shape or numbers of classes.
 */
export function accuracyFor(loss: Loss): Metric {
  const binary = binaryAccuracy({ name: "accuracy" });
  const categorical = categoricalAccuracy({ name: "accuracy" });
  const sparse = sparseCategoricalAccuracy({ name: "accuracy" });
  return {
    ...binary,
    update: (totals, labels, predictions, weights) => {
      const isBinary = loss.name.startsWith("binary") || (predictions.shape.at(-1) ?? 1) === 1;
      const metric = labels.rank < predictions.rank ? sparse : isBinary ? binary : categorical;
      return metric.update(totals, labels, predictions, weights);
    },
  };
}

/** Where the largest number along the last axis stands, the first of several; all operations are loops. */
function largest(x: Variable): Variable {
  const count = x.shape.at(-1) ?? 1;
  const positions = arange(0, count, 1, { dtype: x.dtype });
  return where(x.ge(x.max({ axis: -1, keepDims: true })), positions, count).min({ axis: -1 });
}
