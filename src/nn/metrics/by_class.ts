import { describeValue } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import { readInteger, readNumber, readOptions } from "../../_internal/readers/mod.ts";
import type { Shape } from "../../array/shape.ts";
import type { Variable } from "../../variable/mod.ts";
import type { Factory } from "../core/registry.ts";
import { oneHotOf } from "../losses/cross_entropies.ts";
import { cellsOf, decisions, largest, sumOver } from "./cells.ts";
import { addTotals, defineMetric, type Metric, ratioOrZero } from "./metric.ts";

/** How the scores of classes become one. */
export type Average = "micro" | "macro" | "weighted" | null;

/** How often the model was right and wrong about each class. */
export interface ClassCounts {
  readonly truePositives: Variable;
  readonly falsePositives: Variable;
  readonly falseNegatives: Variable;
}

/** Options of {@linkcode f1Score}. */
export interface AverageOption {
  /**
   * How the scores of classes become one number: of all decisions together (`"micro"`), their mean (`"macro"`, the
   * default), the mean weighted by how often they occur (`"weighted"`), or not (`null`): one number for each.
   */
  readonly average?: Average;
  /** Predictions above it say yes; by default the largest of each row does, and of single units what is above 0.5. */
  readonly threshold?: number;
  /** The key in logs. */
  readonly name?: string;
}

/** Options of {@linkcode fBetaScore}. */
export interface FBetaOptions extends AverageOption {
  /** How much more recall counts than precision; 1 by default. */
  readonly beta?: number;
}

/**
 * Checks how scores are joined.
 *
 * @throws {RangeError} If it is none of the ways
 */
export function readAverage(name: string, average: Average): Average {
  if (average === null || ["micro", "macro", "weighted"].includes(average)) return average;
  throw new RangeError(
    message`Cannot compute ${name}: average is ${
      describeValue(average)
    }, use "micro", "macro", "weighted" or null`,
  );
}

/** A metric of right and wrong decisions for each class. */
export function byClass(
  average: Average,
  threshold: number | undefined,
  score: (counts: ClassCounts) => Variable,
): Omit<Metric, "name"> {
  return {
    totals: (outputShape) => {
      const shape = classAxis(outputShape);
      return { truePositives: shape, falsePositives: shape, falseNegatives: shape };
    },
    update: (totals, given, predictions, w) => {
      const { labels, weights } = cellsOf(given, predictions, w);
      const yes = decisions(predictions, threshold).cast("float64");
      const wanted = labels.cast("float64");
      const keepsClasses = classAxis(predictions.shape.slice(1)).length > 0;
      const sum = (cells: Variable): Variable => sumOver(cells, weights, keepsClasses);
      return addTotals(totals, {
        truePositives: sum(yes.mul(wanted)),
        falsePositives: sum(yes.mul(wanted.neg().add(1))),
        falseNegatives: sum(yes.neg().add(1).mul(wanted)),
      });
    },
    result: (totals) => joined(totals as unknown as ClassCounts, average, score),
  };
}

/** Of single units there is one class only. */
function classAxis(outputShape: Shape): Shape {
  const classes = outputShape.at(-1) ?? 1;
  return classes === 1 ? [] : [classes];
}

function joined(
  { truePositives, falsePositives, falseNegatives }: ClassCounts,
  average: Average,
  score: (counts: ClassCounts) => Variable,
): Variable {
  if (average === "micro") {
    return score({
      truePositives: truePositives.sum(),
      falsePositives: falsePositives.sum(),
      falseNegatives: falseNegatives.sum(),
    });
  }
  const scores = score({ truePositives, falsePositives, falseNegatives });
  if (average === null || scores.rank === 0) return scores;
  if (average === "macro") return scores.mean();
  const support = truePositives.add(falseNegatives);
  return ratioOrZero(scores.mul(support).sum(), support.sum());
}

function makeScore(name: string, average: Average, threshold: number | undefined, beta: number): Omit<
  Metric,
  "name"
> {
  if (threshold !== undefined) readNumber(name, "threshold", threshold, { min: 0, max: 1 });
  readNumber(name, "beta", beta, { above: 0, below: Infinity });
  const square = beta * beta;
  return byClass(
    readAverage(name, average),
    threshold,
    ({ truePositives, falsePositives, falseNegatives }) => {
      const found = truePositives.mul(1 + square);
      return ratioOrZero(found, found.add(falseNegatives.mul(square)).add(falsePositives));
    },
  );
}

/**
 * The harmonic mean of precision and recall, `2 tp / (2 tp + fp + fn)`, 0 where there is nothing to find.
 *
 * @example
 * ```ts
 * import { dense, f1Score, sequential } from "@tapegrad/tapegrad/nn";
 *
 * const model = sequential([dense({ units: 2, activation: "softmax", kernelInitializer: "identity" })]);
 * model.build([2]).compile({
 *   optimizer: "sgd",
 *   loss: "sparseCategoricalCrossentropy",
 *   metrics: [f1Score({ average: null })],
 * });
 * const found = model.evaluate([[1, 0], [0, 1], [0, 2]], [0, 1, 0]);
 * console.log(found["f1Score[0]"], found["f1Score[1]"]); // 0.6666666666666666 0.6666666666666666
 * ```
 */
export const f1Score: Factory<AverageOption, Metric> = defineMetric("f1Score", (options: AverageOption) => {
  const { average, threshold } = readOptions("f1Score", options, {
    average: "macro",
    threshold: undefined,
    name: undefined,
  });
  return makeScore("f1Score", average, threshold, 1);
});

/** {@linkcode f1Score} with recall counting `beta` times as much as precision (van Rijsbergen 1979, chapter 7). */
export const fBetaScore: Factory<FBetaOptions, Metric> = defineMetric(
  "fBetaScore",
  (options: FBetaOptions) => {
    const { average, threshold, beta } = readOptions("fBetaScore", options, {
      average: "macro",
      threshold: undefined,
      beta: 1,
      name: undefined,
    });
    return makeScore("fBetaScore", average, threshold, beta);
  },
);

/**
 * How many examples of each class (rows) were taken for each class (columns); weights count. Its elements are recorded
 * as `confusionMatrix[0][1]`, which {@linkcode arrayFromLogs} puts together.
 *
 * @example
 * ```ts
 * import { arrayFromLogs, confusionMatrix, dense, sequential } from "@tapegrad/tapegrad/nn";
 *
 * const model = sequential([dense({ units: 2, activation: "softmax", kernelInitializer: "identity" })]);
 * model.build([2]).compile({
 *   optimizer: "sgd",
 *   loss: "sparseCategoricalCrossentropy",
 *   metrics: [confusionMatrix()],
 * });
 * const found = model.evaluate([[1, 0], [0, 1], [0, 2]], [0, 1, 0]);
 * console.log(arrayFromLogs(found, "confusionMatrix")); // [[1, 1], [0, 1]]
 * ```
 */
export const confusionMatrix: Factory<{ numClasses?: number; name?: string }, Metric> = defineMetric(
  "confusionMatrix",
  (options: { numClasses?: number }) => {
    const { numClasses } = readOptions("confusionMatrix", options, { numClasses: undefined });
    if (numClasses !== undefined) readInteger("confusionMatrix", "the option numClasses", numClasses, 2);
    const classesOf = (outputShape: Shape): number => numClasses ?? Math.max(2, outputShape.at(-1) ?? 1);
    return {
      totals: (outputShape) => ({ counts: [classesOf(outputShape), classesOf(outputShape)] }),
      update: (totals, given, predictions, w) => {
        const classes = classesOf(predictions.shape.slice(1));
        const { weights } = cellsOf(given, predictions, w);
        const right = numbersOf(given, predictions, classes, true);
        const guessed = numbersOf(predictions, predictions, classes, false);
        const rows = oneHotOf(right.reshape([-1]), classes).cast("float64");
        const columns = oneHotOf(guessed.reshape([-1]), classes).cast("float64");
        const factors = weights?.broadcastTo([...right.shape, ...weights.shape.slice(right.rank)])
          .reshape([rows.shape[0] ?? 1, 1]);
        const weighted = factors === undefined ? rows : rows.mul(factors);
        return addTotals(totals, { counts: weighted.transpose().matmul(columns) });
      },
      result: ({ counts }) => counts!,
    };
  },
);

/** Numbers of classes, of labels or predictions. */
function numbersOf(x: Variable, predictions: Variable, classes: number, isLabel: boolean): Variable {
  const hasClasses = (predictions.shape.at(-1) ?? 1) === classes && predictions.rank > 1;
  if (hasClasses && x.rank === predictions.rank && x.shape.at(-1) === classes) return largest(x);
  // One number for each example: what is above 0.5 is class 1, or the nearest number is the class.
  return isLabel ? x : classes === 2 ? x.gt(0.5).cast(x.dtype) : x.sub(0.5).ceil();
}
