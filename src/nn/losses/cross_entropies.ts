import { readNumber, readOptions } from "../../_internal/readers/mod.ts";
import { arange, where } from "../../functions/mod.ts";
import type { Variable } from "../../variable/mod.ts";
import { logitsOf } from "../core/notes.ts";
import type { Factory } from "../core/registry.ts";
import { classNumbersExcept, fromZeroToOne, probabilities } from "./labels.ts";
import { defineLoss, type Loss, type PartialLosses } from "./loss.ts";

/** Keeps logarithms finite, as in Keras. */
const EPSILON = 1e-7;

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
  /** The label that does not count. */
  readonly ignoreIndex?: number;
}

const DEFAULTS = { fromLogits: false, labelSmoothing: 0 } as const;

/**
 * The cross-entropy of probabilities for yes and no: `-y log(p) - (1 - y) log(1 - p)`, the mean along the last axis.
 * Of what a sigmoid gave it takes the logits, and is stable for any.
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
    const { fromLogits, labelSmoothing } = readOptions("binaryCrossentropy", options, DEFAULTS);
    readNumber("binaryCrossentropy", "labelSmoothing", labelSmoothing, { min: 0, max: 1 });
    const compute = (labels: Variable, predictions: Variable): Variable => {
      const targets = labelSmoothing === 0 ? labels : labels.mul(1 - labelSmoothing).add(labelSmoothing / 2);
      const logits = fromLogits ? predictions : logitsOf(predictions, "sigmoid");
      if (logits !== undefined) return meanOfLast(logits.sigmoidCrossEntropy(targets, { reduction: "none" }));
      const p = predictions.clip(EPSILON, 1 - EPSILON);
      const yes = targets.mul(p.log());
      const no = targets.neg().add(1).mul(p.neg().log1p());
      return meanOfLast(yes.add(no).neg());
    };
    return { compute, readLabels: probabilities, ...fromLogits ? {} : { checkPredictions: fromZeroToOne } };
  },
);

/**
 * The cross-entropy of distributions along the last axis: `-sum(y log(p))`. Of what a softmax gave it takes the
 * logits, and is stable for any.
 */
export const categoricalCrossentropy: Factory<CrossentropyOptions, Loss> = defineLoss(
  "categoricalCrossentropy",
  (options: CrossentropyOptions) => {
    const { fromLogits, labelSmoothing } = readOptions("categoricalCrossentropy", options, DEFAULTS);
    readNumber("categoricalCrossentropy", "labelSmoothing", labelSmoothing, { min: 0, max: 1 });
    const compute = (labels: Variable, predictions: Variable): Variable => {
      const classes = predictions.shape.at(-1) ?? 1;
      const targets = labelSmoothing === 0
        ? labels
        : labels.mul(1 - labelSmoothing).add(labelSmoothing / classes);
      return crossentropyOf(targets, predictions, fromLogits);
    };
    return { compute, readLabels: probabilities, ...fromLogits ? {} : { checkPredictions: fromZeroToOne } };
  },
);

/** {@linkcode categoricalCrossentropy} for labels that are numbers of classes. */
export const sparseCategoricalCrossentropy: Factory<SparseCrossentropyOptions, Loss> = defineLoss(
  "sparseCategoricalCrossentropy",
  (options: SparseCrossentropyOptions) => {
    const { fromLogits, ignoreIndex } = readOptions("sparseCategoricalCrossentropy", options, {
      fromLogits: false,
      ignoreIndex: undefined,
    });
    return {
      compute: (labels: Variable, predictions: Variable): Variable | PartialLosses => {
        const classes = predictions.shape.at(-1) ?? 1;
        const valid = ignoreIndex === undefined ? undefined : labels.ne(ignoreIndex);
        const known = valid === undefined ? labels : where(valid, labels, 0);
        const oneHot = known.reshape([...known.shape, 1]).eq(arange(0, classes, 1, { dtype: labels.dtype }));
        const values = crossentropyOf(oneHot, predictions, fromLogits);
        return valid === undefined ? values : { values, valid };
      },
      readLabels: classNumbersExcept(ignoreIndex),
      ...fromLogits ? {} : { checkPredictions: fromZeroToOne },
    };
  },
);

function crossentropyOf(targets: Variable, predictions: Variable, fromLogits: boolean): Variable {
  const logits = fromLogits ? predictions : logitsOf(predictions, "softmax");
  return logits === undefined
    ? targets.mul(predictions.maximum(EPSILON).log()).sum({ axis: -1 }).neg()
    : logits.softmaxCrossEntropy(targets, { reduction: "none" });
}

/** The mean along the last axis, for losses of each element; examples that are one number have no other axis. */
export function meanOfLast(values: Variable): Variable {
  return values.rank < 2 ? values : values.mean({ axis: -1 });
}
