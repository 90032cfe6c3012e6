import { message } from "../../_internal/message.ts";
import { readNumber, readOptions } from "../../_internal/readers/mod.ts";
import { arange, where } from "../../functions/mod.ts";
import type { Variable } from "../../variable/mod.ts";
import { logitsOf } from "../core/notes.ts";
import type { Factory } from "../core/registry.ts";
import { DISTRIBUTION, nanOutside, YES_OR_NO } from "./domain.ts";
import { classNumbersExcept, probabilities } from "./labels.ts";
import { defineLoss, type Loss, meanOfLast, type PartialLosses } from "./loss.ts";

/** Keeps logarithms finite, as in Keras. */
export const EPSILON = 1e-7;

/** Options of {@linkcode binaryCrossentropy} and {@linkcode categoricalCrossentropy}. */
export interface CrossentropyOptions {
  /** Whether predictions are logits; by default they are probabilities. */
  readonly fromLogits?: boolean;
  /** How far labels are moved towards equal probabilities, from 0 (the default) to 1. */
  readonly labelSmoothing?: number;
}

/** Options of {@linkcode sparseCategoricalCrossentropy}. */
export interface SparseCrossentropyOptions {
  /** Whether predictions are logits; by default they are probabilities. */
  readonly fromLogits?: boolean;
  /** The label that does not count; it may be no class, such as -1. */
  readonly ignoreIndex?: number;
  /** Keras's name of `ignoreIndex`. */
  readonly ignoreClass?: number;
}

const DEFAULTS = { fromLogits: false, labelSmoothing: 0 } as const;

/**
 * The cross-entropy of probabilities for yes and no: `-y log(p) - (1 - y) log(1 - p)`, the mean along the last axis.
 * Of what a sigmoid gave it takes the logits, and is stable for any; other probabilities are kept at least 1e-7 from 0
 * and 1, and predictions that are none end training with an error.
 *
 * @example
 * ```ts
 * import { constant, type Variable } from "@tapegrad/tapegrad";
 * import { binaryCrossentropy } from "@tapegrad/tapegrad/nn";
 *
 * const losses = binaryCrossentropy().compute(constant([[1], [1]]), constant([[0.5], [0.25]])) as Variable;
 * console.log(losses.value); // [0.6931471805599453, 1.3862943611198906]
 * ```
 */
export const binaryCrossentropy: Factory<CrossentropyOptions, Loss> = defineLoss(
  "binaryCrossentropy",
  (options: CrossentropyOptions) => {
    const name = "binaryCrossentropy";
    const { fromLogits, labelSmoothing } = readOptions(name, options, DEFAULTS);
    readNumber(name, "labelSmoothing", labelSmoothing, { min: 0, max: 1 });
    return {
      compute: (labels: Variable, predictions: Variable): Variable =>
        meanOfLast(binaryOf(name, smoothed(labels, labelSmoothing, 2), predictions, fromLogits)),
      readLabels: probabilities,
      ...fromLogits ? {} : { domain: YES_OR_NO },
    };
  },
);

/**
 * The cross-entropy of distributions along the last axis: `-sum(y log(p))`. Of what a softmax gave it takes the
 * logits, and is stable for any; other rows are divided by their sum first and kept at least 1e-7 from 0 and 1, as in
 * Keras.
 */
export const categoricalCrossentropy: Factory<CrossentropyOptions, Loss> = defineLoss(
  "categoricalCrossentropy",
  (options: CrossentropyOptions) => {
    const name = "categoricalCrossentropy";
    const { fromLogits, labelSmoothing } = readOptions(name, options, DEFAULTS);
    readNumber(name, "labelSmoothing", labelSmoothing, { min: 0, max: 1 });
    return {
      compute: (labels: Variable, predictions: Variable): Variable => {
        const classes = classesOf(name, predictions);
        return categoricalOf(smoothed(labels, labelSmoothing, classes), predictions, fromLogits);
      },
      readLabels: probabilities,
      ...fromLogits ? {} : { domain: DISTRIBUTION },
    };
  },
);

/** {@linkcode categoricalCrossentropy} for labels that are numbers of classes. */
export const sparseCategoricalCrossentropy: Factory<SparseCrossentropyOptions, Loss> = defineLoss(
  "sparseCategoricalCrossentropy",
  (options: SparseCrossentropyOptions) => {
    const name = "sparseCategoricalCrossentropy";
    const { fromLogits, ignoreIndex, ignoreClass } = readOptions(name, options, {
      fromLogits: false,
      ignoreIndex: undefined,
      ignoreClass: undefined,
    });
    const ignored = ignoreIndex ?? ignoreClass;
    if (ignored !== undefined) readNumber(name, "ignoreIndex", ignored);
    return {
      compute: (labels: Variable, predictions: Variable): Variable | PartialLosses => {
        const classes = classesOf(name, predictions);
        const valid = ignored === undefined ? undefined : labels.ne(ignored);
        const known = valid === undefined ? labels : where(valid, labels, 0);
        const values = categoricalOf(oneHotOf(known, classes), predictions, fromLogits);
        return valid === undefined ? values : { values, valid };
      },
      readLabels: classNumbersExcept(ignored),
      ...fromLogits ? {} : { domain: DISTRIBUTION },
    };
  },
);

/** Numbers of classes `[...]` as 1 where the class is and 0 elsewhere, `[..., classes]`. */
export function oneHotOf(labels: Variable, classes: number): Variable {
  return labels.reshape([...labels.shape, 1]).eq(arange(0, classes, 1, { dtype: labels.dtype }));
}

/** Labels, moved towards equal probabilities. */
export function smoothed(labels: Variable, smoothing: number, classes: number): Variable {
  return smoothing === 0 ? labels : labels.mul(1 - smoothing).add(smoothing / classes);
}

/** Binary cross-entropy of each element. */
export function binaryOf(
  name: string,
  targets: Variable,
  predictions: Variable,
  fromLogits: boolean,
): Variable {
  if (predictions.shape.at(-1) === 1 && logitsOf(predictions, "softmax") !== undefined) {
    throw constantSoftmax(name);
  }
  const logits = fromLogits ? predictions : logitsOf(predictions, "sigmoid");
  if (logits !== undefined) return logits.sigmoidCrossEntropy(targets, { reduction: "none" });
  const p = nanOutside(predictions, YES_OR_NO).clip(EPSILON, 1 - EPSILON);
  return targets.mul(p.log()).add(targets.neg().add(1).mul(p.neg().log1p())).neg();
}

/** Cross-entropy of each distribution along the last axis. */
function categoricalOf(targets: Variable, predictions: Variable, fromLogits: boolean): Variable {
  const logits = fromLogits ? predictions : logitsOf(predictions, "softmax");
  return logits === undefined
    ? targets.mul(clippedRows(predictions).log()).sum({ axis: -1 }).neg()
    : logits.softmaxCrossEntropy(targets, { reduction: "none" });
}

/** Rows divided by their sums, with logarithms that are finite. */
export function clippedRows(predictions: Variable): Variable {
  const p = nanOutside(predictions, DISTRIBUTION);
  return p.div(p.sum({ axis: -1, keepDims: true })).clip(EPSILON, 1 - EPSILON);
}

/**
 * The number of classes that predictions are for.
 *
 * @throws {RangeError} If there is one class only, which is always certain
 */
export function classesOf(name: string, predictions: Variable): number {
  const classes = predictions.shape.at(-1) ?? 1;
  if (classes === 1) throw constantSoftmax(name);
  return classes;
}

function constantSoftmax(name: string): RangeError {
  return new RangeError(
    message`Cannot compute ${name}: a softmax of one unit is always 1, use activation: "sigmoid" with
    binaryCrossentropy, or more units`,
  );
}
