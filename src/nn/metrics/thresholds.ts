import { describeValue } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import { readInteger, readNumber, readOptions } from "../../_internal/readers/mod.ts";
import type { Shape } from "../../array/shape.ts";
import { slice, where } from "../../functions/mod.ts";
import { constant, type Variable } from "../../variable/mod.ts";
import type { Factory } from "../core/registry.ts";
import { type Average, byClass, readAverage } from "./by_class.ts";
import { type Cells, cellsOf, ranks } from "./cells.ts";
import { addTotals, defineMetric, type Metric, ratioOrZero, type Totals } from "./metric.ts";

/** Options of {@linkcode truePositives} and the like. */
export interface ThresholdOptions {
  /** Predictions above it say yes, 0.5 by default; several give a result for each. */
  readonly thresholds?: number | readonly number[];
  /** The key in logs. */
  readonly name?: string;
}

/** Options of {@linkcode precision} and {@linkcode recall}. */
export interface PrecisionOptions extends ThresholdOptions {
  /** Takes the largest so many numbers of each row as yes, instead of those above 0.5. */
  readonly topK?: number;
  /** Looks at one class only. */
  readonly classId?: number;
  /**
   * Decides for the largest number of each row, and joins the scores of the classes: of all decisions (`"micro"`), by
   * the mean (`"macro"`), by the mean weighted by how often they occur (`"weighted"`), or not at all (`null`).
   */
  readonly average?: Average;
}

/** How often each happened at each threshold, by name, with the number of thresholds as shape. */
export interface Counts {
  readonly truePositives: Variable;
  readonly falsePositives: Variable;
  readonly falseNegatives: Variable;
  readonly trueNegatives: Variable;
}

/** The totals of {@linkcode addCounts}. */
export function countShapes(shape: Shape): { readonly [K in keyof Counts]: Shape } {
  return { truePositives: shape, falsePositives: shape, falseNegatives: shape, trueNegatives: shape };
}

/**
 * Adds what is above and below thresholds.
 *
 * @param thresholds A number, or several as `[thresholds]`
 * @param keepsClasses Whether the last axis of the predictions stays apart
 */
export function addCounts(
  totals: Totals,
  { labels, predictions, weights }: Cells,
  thresholds: number | Variable,
  keepsClasses = false,
): Totals {
  const cells = { labels: labels.ne(0).cast("float64"), weights };
  const isAbove = above(predictions, thresholds);
  // Thresholds stand before the axes of the predictions.
  const front = isAbove.rank - predictions.rank;
  const axis = Array.from({ length: predictions.rank - (keepsClasses ? 1 : 0) }, (_, i) => front + i);
  const sum = (yes: Variable, label: Variable): Variable => {
    const both = yes.cast("float64").mul(label);
    return (cells.weights === undefined ? both : both.mul(cells.weights)).sum({ axis });
  };
  const negative = cells.labels.neg().add(1);
  const isBelow = isAbove.cast("float64").neg().add(1);
  return addTotals(totals, {
    truePositives: sum(isAbove, cells.labels),
    falsePositives: sum(isAbove, negative),
    falseNegatives: sum(isBelow, cells.labels),
    trueNegatives: sum(isBelow, negative),
  });
}

/** Predictions above thresholds, which get an axis in front; compared in the dtype of the predictions. */
function above(predictions: Variable, thresholds: number | Variable): Variable {
  if (typeof thresholds === "number") return predictions.gt(thresholds);
  const column = thresholds.cast(predictions.dtype).reshape([-1, ...predictions.shape.map(() => 1)]);
  return predictions.reshape([1, ...predictions.shape]).gt(column);
}

/** Totals by the names of {@linkcode Counts}. */
export function countsIn(totals: Totals): Counts {
  const { truePositives, falsePositives, falseNegatives, trueNegatives } = totals as unknown as Counts;
  return { truePositives, falsePositives, falseNegatives, trueNegatives };
}

type Read = Omit<PrecisionOptions, "name" | "average">;

/** A metric of what is above and below thresholds. */
function ofCounts(name: string, options: Read, result: (counts: Counts) => Variable): Omit<Metric, "name"> {
  // The largest k of a row are meant whatever their size.
  const { topK, classId, thresholds: given = topK === undefined ? 0.5 : -Infinity } = options;
  if (topK !== undefined) readInteger(name, "the option topK", topK, 1);
  if (classId !== undefined) readInteger(name, "the option classId", classId, 0);
  const thresholds = readThresholds(name, given);
  const shape = typeof thresholds === "number" ? [] : [thresholds.length];
  const compared = typeof thresholds === "number" ? thresholds : constant([...thresholds]);
  return {
    totals: countShapes(shape),
    update: (totals, labels, predictions, weights) => {
      const cells = cellsOf(labels, predictions, weights);
      const among = topK === undefined
        ? predictions
        : where(ranks(predictions).lt(topK), predictions, -Infinity);
      return addCounts(totals, ofClass(name, { ...cells, predictions: among }, classId), compared);
    },
    result: (totals) => result(countsIn(totals)),
  };
}

/** The cells of one class. */
function ofClass(name: string, cells: Cells, classId: number | undefined): Cells {
  if (classId === undefined) return cells;
  const { labels, predictions } = cells;
  const classes = predictions.shape.at(-1) ?? 1;
  if (classId >= classes) {
    throw new RangeError(
      message`Cannot compute ${name}: classId is ${classId}, the model has classes 0 to ${classes - 1}`,
    );
  }
  const column = (x: Variable): Variable =>
    slice(x, [...x.shape.slice(0, -1).map(() => 0), classId], [...x.shape.slice(0, -1), 1]);
  return { ...cells, labels: column(labels), predictions: column(predictions) };
}

/** Checks thresholds. */
export function readThresholds(name: string, thresholds: number | readonly number[]): number | number[] {
  if (typeof thresholds === "number") {
    if (thresholds === -Infinity) return thresholds;
    return readNumber(name, "thresholds", thresholds, { min: 0, max: 1 });
  }
  if (!Array.isArray(thresholds) || thresholds.length === 0) {
    throw new TypeError(
      message`Cannot compute ${name}: thresholds is ${
        describeValue(thresholds)
      }, use a number or a list of some`,
    );
  }
  return thresholds.map((each) => readNumber(name, "thresholds", each, { min: 0, max: 1 }));
}

function counting(name: keyof Counts): Factory<ThresholdOptions, Metric> {
  return defineMetric(name, (options: ThresholdOptions) => {
    const { thresholds } = readOptions(name, options, { thresholds: undefined, name: undefined });
    return ofCounts(name, thresholds === undefined ? {} : { thresholds }, (counts) => counts[name]);
  });
}

/** How many numbers are above a threshold and should be; weights count. */
export const truePositives: Factory<ThresholdOptions, Metric> = counting("truePositives");

/** How many numbers are above a threshold and should not be; weights count. */
export const falsePositives: Factory<ThresholdOptions, Metric> = counting("falsePositives");

/** How many numbers are not above a threshold, rightly; weights count. */
export const trueNegatives: Factory<ThresholdOptions, Metric> = counting("trueNegatives");

/** How many numbers are not above a threshold but should be; weights count. */
export const falseNegatives: Factory<ThresholdOptions, Metric> = counting("falseNegatives");

function scoring(
  name: string,
  result: (counts: Omit<Counts, "trueNegatives">) => Variable,
): Factory<PrecisionOptions, Metric> {
  const defaults = {
    thresholds: undefined,
    topK: undefined,
    classId: undefined,
    average: undefined,
    name: undefined,
  };
  return defineMetric(name, (options: PrecisionOptions) => {
    const { average, ...rest } = readOptions(name, options, defaults);
    if (average === undefined) return ofCounts(name, rest, result);
    const other = (["thresholds", "topK", "classId"] as const).find((each) => rest[each] !== undefined);
    if (other !== undefined) {
      throw new TypeError(message`Cannot compute ${name}: use either average or ${other}, both are given`);
    }
    return byClass(readAverage(name, average), undefined, result);
  });
}

/**
 * The share of what the model says yes to that is right, 0 where it never does.
 *
 * @example
 * ```ts
 * import { dense, precision, sequential } from "@tapegrad/tapegrad/nn";
 *
 * const model = sequential([dense({ units: 1, activation: "sigmoid", kernelInitializer: "ones" })]);
 * model.build([1]).compile({ optimizer: "sgd", loss: "binaryCrossentropy", metrics: [precision()] });
 * console.log(model.evaluate([[-1], [1], [2], [3]], [1, 1, 0, 1])["precision"]); // 0.6666666666666666
 * ```
 */
export const precision: Factory<PrecisionOptions, Metric> = scoring(
  "precision",
  ({ truePositives: found, falsePositives: wrong }) => ratioOrZero(found, found.add(wrong)),
);

/** The share of what is to be found that the model says yes to, 0 where there is nothing. */
export const recall: Factory<PrecisionOptions, Metric> = scoring(
  "recall",
  ({ truePositives: found, falseNegatives: missed }) => ratioOrZero(found, found.add(missed)),
);
