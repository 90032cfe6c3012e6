import { readInteger, readNumber, readOptions } from "../../_internal/readers/mod.ts";
import { where } from "../../functions/mod.ts";
import type { Variable } from "../../variable/mod.ts";
import type { Factory } from "../core/registry.ts";
import { oneHotOf } from "../losses/cross_entropies.ts";
import type { Loss } from "../losses/loss.ts";
import { largest } from "./cells.ts";
import { defineMetric, type Metric } from "./metric.ts";

/** Options of metrics that have none but a name of one's own, under which they are recorded. */
export type NameOption = { readonly name?: string };

/**
 * The share of numbers that are on the right side of a threshold, 0.5 by default.
 *
 * @example
 * ```ts
 * import { binaryAccuracy, dense, sequential } from "@tapegrad/tapegrad/nn";
 *
 * const model = sequential([dense({ units: 1, activation: "sigmoid", kernelInitializer: "ones" })]);
 * model.build([1]).compile({ optimizer: "sgd", loss: "binaryCrossentropy", metrics: [binaryAccuracy()] });
 * console.log(model.evaluate([[-1], [1], [2], [3]], [0, 1, 1, 0])["binaryAccuracy"]); // 0.75
 * ```
 */
export const binaryAccuracy: Factory<{ threshold?: number; name?: string }, Metric> = defineMetric(
  "binaryAccuracy",
  (options: { threshold?: number }) => {
    const { threshold } = readOptions("binaryAccuracy", options, { threshold: 0.5 });
    readNumber("binaryAccuracy", "threshold", threshold);
    return (labels: Variable, predictions: Variable) => predictions.gt(threshold).eq(labels);
  },
);

/** The share of rows whose largest number stands where the label's does. */
export const categoricalAccuracy: Factory<NameOption, Metric> = defineMetric(
  "categoricalAccuracy",
  (options: Record<never, never>) => {
    readOptions("categoricalAccuracy", options, {});
    return (labels: Variable, predictions: Variable) => largest(predictions).eq(largest(labels));
  },
);

/** The share of rows whose largest number stands at the label, a number of a class. */
export const sparseCategoricalAccuracy: Factory<NameOption, Metric> = defineMetric(
  "sparseCategoricalAccuracy",
  (options: Record<never, never>) => {
    readOptions("sparseCategoricalAccuracy", options, {});
    return (labels: Variable, predictions: Variable) =>
      largest(predictions).eq(classNumbers(labels, predictions));
  },
);

/** The share of rows where fewer than `k` numbers (5 by default) are larger than the one of the label's class. */
export const topKCategoricalAccuracy: Factory<{ k?: number; name?: string }, Metric> = defineMetric(
  "topKCategoricalAccuracy",
  (options: { k?: number }) => {
    const k = readK("topKCategoricalAccuracy", options);
    return (labels: Variable, predictions: Variable) => isAmong(largest(labels), predictions, k);
  },
);

/** {@linkcode topKCategoricalAccuracy} for labels that are numbers of classes. */
export const sparseTopKCategoricalAccuracy: Factory<{ k?: number; name?: string }, Metric> = defineMetric(
  "sparseTopKCategoricalAccuracy",
  (options: { k?: number }) => {
    const k = readK("sparseTopKCategoricalAccuracy", options);
    return (labels: Variable, predictions: Variable) =>
      isAmong(classNumbers(labels, predictions), predictions, k);
  },
);

/**
 * The share of right answers: of each number by the side of 0.5, for single units; else of each row by the largest
 * number, beside labels of the same shape or numbers of classes. By its name, `"accuracy"`, it is
 * {@linkcode binaryAccuracy} for binary losses, too.
 */
export const accuracy: Factory<NameOption, Metric> = defineMetric(
  "accuracy",
  (options: Record<never, never>) => {
    readOptions("accuracy", options, {});
    return byShape(false);
  },
);

/** {@linkcode accuracy} beside a loss. */
export function accuracyFor(loss: Loss): Metric {
  return { name: "accuracy", ...byShape(/^(binary|sigmoid)/.test(loss.name)) };
}

function byShape(isBinary: boolean): Omit<Metric, "name"> {
  const binary = binaryAccuracy();
  const categorical = categoricalAccuracy();
  const sparse = sparseCategoricalAccuracy();
  return {
    totals: binary.totals,
    result: (totals) => binary.result(totals),
    update: (totals, labels, predictions, weights) => {
      const classes = predictions.shape.at(-1) ?? 1;
      const isSparse = labels.rank < predictions.rank || (classes > 1 && labels.shape.at(-1) === 1);
      const metric = isSparse ? sparse : isBinary || classes === 1 ? binary : categorical;
      return metric.update(totals, labels, predictions, weights);
    },
  };
}

function readK(name: string, options: { k?: number }): number {
  const { k } = readOptions(name, options, { k: 5 });
  return readInteger(name, "the option k", k, 1);
}

/** Numbers of classes without an axis of length 1 that the predictions have not. */
function classNumbers(labels: Variable, predictions: Variable): Variable {
  return labels.rank === predictions.rank ? labels.reshape(predictions.shape.slice(0, -1)) : labels;
}

/** Whether fewer than k numbers along the last axis are larger than the one at a position. */
function isAmong(positions: Variable, predictions: Variable, k: number): Variable {
  const isThere = oneHotOf(positions, predictions.shape.at(-1) ?? 1);
  const own = where(isThere, predictions, 0).sum({ axis: -1, keepDims: true });
  return predictions.gt(own).sum({ axis: -1 }).lt(k);
}
