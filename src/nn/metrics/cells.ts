import { arange, where } from "../../functions/mod.ts";
import type { Variable } from "../../variable/mod.ts";
import { oneHotOf } from "../losses/cross_entropies.ts";
import { alongExamples } from "../losses/loss.ts";

/** Labels, predictions and weights, each of the shape of the predictions or one that broadcasts with it. */
export interface Cells {
  /** 1 and 0. */
  readonly labels: Variable;
  readonly predictions: Variable;
  /** float64; undefined for 1. */
  readonly weights: Variable | undefined;
}

/** Brings labels that are numbers of classes into the form of the predictions. */
export function cellsOf(labels: Variable, predictions: Variable, weights: Variable | undefined): Cells {
  const classes = predictions.shape.at(-1) ?? 1;
  const isColumn = labels.rank === predictions.rank && labels.shape.at(-1) === 1 && classes > 1;
  const numbers = isColumn ? labels.reshape(labels.shape.slice(0, -1)) : labels;
  return {
    labels: numbers.rank < predictions.rank ? oneHotOf(numbers, classes) : numbers,
    predictions,
    weights: alongExamples(weights, predictions)?.cast("float64"),
  };
}

/** Where the largest number along the last axis stands, the first of several; all operations are loops. */
export function largest(x: Variable): Variable {
  const count = x.shape.at(-1) ?? 1;
  const positions = arange(0, count, 1, { dtype: x.dtype });
  return where(x.ge(x.max({ axis: -1, keepDims: true })), positions, count).min({ axis: -1 });
}

/** How many numbers along the last axis are larger than each. */
export function ranks(x: Variable): Variable {
  const rows = x.reshape([...x.shape, 1]);
  const columns = x.reshape([...x.shape.slice(0, -1), 1, x.shape.at(-1) ?? 1]);
  return columns.gt(rows).sum({ axis: -1 });
}

/** What a model says of each class: yes where the number is the largest or, of one column, above 0.5. */
export function decisions(predictions: Variable, threshold: number | undefined): Variable {
  const classes = predictions.shape.at(-1) ?? 1;
  if (threshold !== undefined || classes === 1 || predictions.rank < 2) {
    return predictions.gt(threshold ?? 0.5);
  }
  return oneHotOf(largest(predictions), classes);
}

/** A sum in float64 over all axes but the last, or over all. */
export function sumOver(cells: Variable, weights: Variable | undefined, keepsClasses: boolean): Variable {
  const exact = cells.cast("float64");
  const weighted = weights === undefined ? exact : exact.mul(weights);
  if (!keepsClasses) return weighted.sum();
  return weighted.sum({ axis: Array.from({ length: weighted.rank - 1 }, (_, axis) => axis) });
}
