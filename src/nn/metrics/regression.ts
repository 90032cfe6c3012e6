import { describeValue } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import { readOptions } from "../../_internal/readers/mod.ts";
import type { Shape } from "../../array/shape.ts";
import { where } from "../../functions/mod.ts";
import type { Variable } from "../../variable/mod.ts";
import type { Factory } from "../core/registry.ts";
import { cosineOf } from "../losses/regression.ts";
import type { NameOption } from "./accuracy.ts";
import { cellsOf, sumOver } from "./cells.ts";
import { addTotals, defineMetric, type Metric, ratio, ratioOrZero, type Totals } from "./metric.ts";

/** The square root of the mean of all squared errors. */
export const rootMeanSquaredError: Factory<NameOption, Metric> = defineMetric(
  "rootMeanSquaredError",
  (options: Record<never, never>) => {
    readOptions("rootMeanSquaredError", options, {});
    return {
      totals: { sum: [], count: [] },
      update: (totals: Totals, labels: Variable, predictions: Variable, w: Variable | undefined) => {
        const { weights } = cellsOf(predictions, predictions, w);
        const squares = predictions.sub(labels).cast("float64").square();
        return addTotals(totals, {
          sum: sumOver(squares, weights, false),
          count: weights?.broadcastTo(squares.shape).sum() ?? squares.size,
        });
      },
      result: ({ sum, count }: Totals) => ratio(sum, count).sqrt(),
    };
  },
);

/** The mean cosine of the angle between label and prediction along an axis, the last by default. */
export const meanCosineSimilarity: Factory<{ axis?: number; name?: string }, Metric> = defineMetric(
  "cosineSimilarity",
  (options: { axis?: number }) => {
    const { axis } = readOptions("cosineSimilarity", options, { axis: -1 });
    return (labels: Variable, predictions: Variable) => cosineOf(labels, predictions, axis);
  },
);

/** Options of {@linkcode r2Score}. */
export interface R2Options {
  /** How the scores of several outputs become one: their mean, weighted by variance, or not (`null`). */
  readonly classAggregation?: "uniformAverage" | "varianceWeightedAverage" | null;
  /** The key in logs. */
  readonly name?: string;
}

/**
 * The share of the labels' variance that predictions explain, `1 - sum((y - p)^2) / sum((y - mean(y))^2)`. Of labels
 * that are all the same it is 1 where they are met, else 0.
 *
 * @example
 * ```ts
 * import { dense, r2Score, sequential } from "@tapegrad/tapegrad/nn";
 *
 * const model = sequential([dense({ units: 1, kernelInitializer: "ones" })]);
 * model.build([1]).compile({ optimizer: "sgd", loss: "meanSquaredError", metrics: [r2Score()] });
 * console.log(model.evaluate([[1], [2], [3]], [1, 2, 4])["r2Score"]); // 0.7857142857142857
 * ```
 */
export const r2Score: Factory<R2Options, Metric> = defineMetric("r2Score", (options: R2Options) => {
  const { classAggregation } = readOptions("r2Score", options, {
    classAggregation: "uniformAverage",
    name: undefined,
  });
  if (!["uniformAverage", "varianceWeightedAverage", null].includes(classAggregation)) {
    throw new RangeError(
      message`Cannot compute r2Score: classAggregation is ${
        describeValue(classAggregation)
      }, use "uniformAverage", "varianceWeightedAverage" or null`,
    );
  }
  return {
    totals: (outputShape: Shape) => {
      const outputs = (outputShape.at(-1) ?? 1) === 1 ? [] : [outputShape.at(-1) ?? 1];
      return { count: [], mean: outputs, spread: outputs, residual: outputs };
    },
    update: addSpread,
    result: ({ spread, residual }: Totals) => {
      const isConstant = spread!.eq(0);
      const unexplained = residual!.div(where(isConstant, 1, spread!));
      const scores = where(isConstant, residual!.eq(0), unexplained.neg().add(1));
      if (scores.rank === 0 || classAggregation === null) return scores;
      return classAggregation === "uniformAverage"
        ? scores.mean()
        : ratioOrZero(scores.mul(spread!).sum(), spread!.sum());
    },
  };
});

/**
 * Adds a batch to means and sums of squared deviations, without the cancellation of sums of squares (Chan, Golub and
 * LeVeque 1979).
 */
function addSpread(totals: Totals, labels: Variable, predictions: Variable, w: Variable | undefined): Totals {
  const { weights } = cellsOf(predictions, predictions, w);
  const y = labels.cast("float64");
  const keeps = totals["mean"]!.rank > 0;
  const added = weights?.broadcastTo(keeps ? [...y.shape.slice(0, -1), 1] : y.shape).sum() ??
    y.size / (keeps ? y.shape.at(-1) ?? 1 : 1);
  const rows = totals["count"]!.mul(0).add(added);
  const mean = ratioOrZero(sumOver(y, weights, keeps), rows);
  const deviations = sumOver(y.sub(mean).square(), weights, keeps);
  const count = totals["count"]!.add(rows);
  const step = mean.sub(totals["mean"]!);
  const share = ratioOrZero(rows, count);
  return {
    count,
    mean: totals["mean"]!.add(step.mul(share)),
    spread: totals["spread"]!.add(deviations).add(step.square().mul(totals["count"]!).mul(share)),
    residual: totals["residual"]!.add(
      sumOver(predictions.cast("float64").sub(y).square(), weights, keeps),
    ),
  };
}
