import { message } from "../../_internal/message.ts";
import { readChoice, readInteger, readOptions } from "../../_internal/readers/mod.ts";
import { slice, where } from "../../functions/mod.ts";
import { constant, type Variable } from "../../variable/mod.ts";
import type { Factory } from "../core/registry.ts";
import { logitsOf } from "../core/notes.ts";
import { cellsOf } from "./cells.ts";
import { defineMetric, type Metric, ratioOrZero } from "./metric.ts";
import { addCounts, type Counts, countShapes, countsIn, readThresholds } from "./thresholds.ts";

/** Options of {@linkcode auc}. */
export interface AucOptions {
  /** How many points of the curve are computed; 200 by default. */
  readonly numThresholds?: number;
  /** The thresholds between 0 and 1, instead of evenly distributed ones. */
  readonly thresholds?: readonly number[];
  /** Receiver operating characteristic (the default), or precision and recall. */
  readonly curve?: "ROC" | "PR";
  /** What is taken between two points: the middle (the default), the lower or the upper value. */
  readonly summationMethod?: "interpolation" | "minoring" | "majoring";
  /** Whether the area is computed for each column, and the mean taken; false by default. */
  readonly multiLabel?: boolean;
  /** Whether predictions are logits; by default they are probabilities. */
  readonly fromLogits?: boolean;
  /** The key in logs. */
  readonly name?: string;
}

/** Just outside of the range of probabilities, so that each is on both sides of some threshold. */
const MARGIN = 1e-7;

/**
 * The area under the curve of true against false positive rate, or of precision against recall, as Keras computes it:
 * from counts at thresholds, so that it adds up over batches.
 *
 * @example
 * ```ts
 * import { auc, dense, sequential } from "@tapegrad/tapegrad/nn";
 *
 * const model = sequential([dense({ units: 1, activation: "sigmoid", kernelInitializer: "ones" })]);
 * model.build([1]).compile({ optimizer: "sgd", loss: "binaryCrossentropy", metrics: [auc()] });
 * console.log(model.evaluate([[-1], [1], [2], [3]], [0, 1, 0, 1])["auc"]); // 0.75
 * ```
 */
export const auc: Factory<AucOptions, Metric> = defineMetric("auc", (options: AucOptions) => {
  const read = readOptions("auc", options, {
    numThresholds: 200,
    thresholds: undefined,
    curve: "ROC",
    summationMethod: "interpolation",
    multiLabel: false,
    fromLogits: false,
    name: undefined,
  });
  const curve = readChoice("auc", "curve", read.curve, ["ROC", "PR"]);
  const method = readChoice("auc", "summationMethod", read.summationMethod, [
    "interpolation",
    "minoring",
    "majoring",
  ]);
  const thresholds = thresholdsOf(read.numThresholds, read.thresholds);
  const compared = constant(thresholds);
  const { multiLabel, fromLogits } = read;
  return {
    totals: (outputShape) =>
      countShapes(multiLabel ? [thresholds.length, outputShape.at(-1) ?? 1] : [thresholds.length]),
    update: (totals, labels, given, weights) => {
      const predictions = fromLogits && logitsOf(given, "sigmoid") === undefined ? given.sigmoid() : given;
      return addCounts(totals, cellsOf(labels, predictions, weights), compared, multiLabel);
    },
    result: (totals) => {
      const counts = countsIn(totals);
      const areas = curve === "PR" && method === "interpolation"
        ? interpolatedPrecision(counts)
        : riemann(counts, curve, method);
      return areas.sum({ axis: 0 }).mean();
    },
  };
});

/** As many as there are float32 numbers, evenly distributed, from 0 to 1. */
const MOST_THRESHOLDS = 2 ** 24;

function thresholdsOf(count: number, given: readonly number[] | undefined): number[] {
  if (given === undefined) {
    readInteger("auc", "the option numThresholds", count, 2, MOST_THRESHOLDS);
    const inner = Array.from({ length: count - 2 }, (_, i) => (i + 1) / (count - 1));
    return [-MARGIN, ...inner, 1 + MARGIN];
  }
  const read = readThresholds("auc", given);
  if (typeof read === "number") {
    throw new TypeError(message`Cannot compute auc: thresholds is ${read}, use a list of numbers`);
  }
  return [-MARGIN, ...read.toSorted((a, b) => a - b), 1 + MARGIN];
}

/** All but the last entry, and all but the first. */
function neighbours(x: Variable): [lower: Variable, upper: Variable] {
  const count = x.shape[0] ?? 0;
  const rest = x.shape.slice(1);
  const from = (first: number): Variable => slice(x, [first, ...rest.map(() => 0)], [count - 1, ...rest]);
  return [from(0), from(1)];
}

/** The areas between the points of the curve. */
function riemann(
  { truePositives, falsePositives, falseNegatives, trueNegatives }: Counts,
  curve: "ROC" | "PR",
  method: "interpolation" | "minoring" | "majoring",
): Variable {
  const recall = ratioOrZero(truePositives, truePositives.add(falseNegatives));
  const [x, y] = curve === "ROC"
    ? [ratioOrZero(falsePositives, falsePositives.add(trueNegatives)), recall]
    : [recall, ratioOrZero(truePositives, truePositives.add(falsePositives))];
  const [left, right] = neighbours(x);
  const [before, after] = neighbours(y);
  const height = method === "interpolation"
    ? before.add(after).div(2)
    : method === "minoring"
    ? before.minimum(after)
    : before.maximum(after);
  return left.sub(right).mul(height);
}

/** Areas under precision, with true positives linear between two points (Davis and Goadrich 2006, section 4). */
function interpolatedPrecision({ truePositives, falsePositives, falseNegatives }: Counts): Variable {
  const [found, foundNext] = neighbours(truePositives);
  const [said, saidNext] = neighbours(truePositives.add(falsePositives));
  const more = found.sub(foundNext);
  const slope = ratioOrZero(more, said.sub(saidNext).maximum(0));
  const intercept = foundNext.sub(slope.mul(saidNext));
  const both = said.gt(0).mul(saidNext.gt(0));
  const growth = where(both, ratioOrZero(said, saidNext.maximum(0)), 1);
  const [, missedNext] = neighbours(falseNegatives);
  return ratioOrZero(
    slope.mul(more.add(intercept.mul(growth.log()))),
    foundNext.add(missedNext).maximum(0),
  );
}
