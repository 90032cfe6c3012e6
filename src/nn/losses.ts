import { message } from "../_internal/message.ts";
import { describeValue } from "../_internal/format.ts";
import { fullArray, type NdArray } from "../array/nd_array.ts";
import { sameShape } from "../array/shape.ts";
import { binaryCrossEntropy, meanAbsoluteError, meanSquaredError } from "../functions/mod.ts";
import type { Variable } from "../variable/mod.ts";
import { type ActivationName, activationOf } from "./activations.ts";

/** The names of the losses. */
export type LossName =
  | "binaryCrossentropy"
  | "categoricalCrossentropy"
  | "sparseCategoricalCrossentropy"
  | "meanSquaredError"
  | "meanAbsoluteError";

/** A loss or metric of one's own: labels and predictions `[batch, ...]` in, a rank-0 Variable out. */
export type LossFunction = (labels: Variable, predictions: Variable) => Variable;

/** A loss, working from what the last layer gives before its activation. */
export interface Loss {
  /** Its name. */
  readonly name: string;
  /** The mean loss of a batch. */
  compute(linear: Variable, activation: ActivationName, labels: Variable): Variable;
  /** Brings labels into the shape of the model's output `[batch, ...]`; throws a TypeError or RangeError. */
  prepare(labels: NdArray, outputShape: readonly number[]): NdArray;
}

const EPSILON = 1e-7;

/** `log(p)` with p kept at least 1e-7. */
function safeLog(p: Variable): Variable {
  return p.maximum(EPSILON).log();
}

/** Takes labels of the output's shape, or `[rows]` for an output `[rows, 1]`. */
function matchShape(name: string): Loss["prepare"] {
  return (labels, outputShape) => {
    const rows = labels.shape[0] ?? 0;
    const expected = [rows, ...outputShape];
    if (sameShape(labels.shape, expected)) return labels;
    if (labels.shape.length === 1 && outputShape.length === 1 && outputShape[0] === 1) {
      return labels.withShape(expected);
    }
    throw new TypeError(
      message`Cannot compute ${name}: labels have shape ${labels.shape}, the model gives
      ${expected}`,
    );
  };
}

/** Takes labels that are probabilities. */
function probabilities(name: string): Loss["prepare"] {
  const match = matchShape(name);
  return (labels, outputShape) => {
    const matched = match(labels, outputShape);
    const width = matched.size / (matched.shape[0] || 1);
    const wrong = matched.data.findIndex((label) => !(label >= 0 && label <= 1));
    if (wrong < 0) return matched;
    throw new RangeError(
      message`Cannot compute ${name}: label ${matched.data[wrong]} in row
      ${Math.floor(wrong / width)}, labels are from 0 to 1`,
    );
  };
}

function fromPredictions(name: string, f: LossFunction): Loss {
  return {
    name,
    compute: (linear, activation, labels) => f(labels, activationOf(activation)(linear)),
    prepare: matchShape(name),
  };
}

function categorical(linear: Variable, activation: ActivationName, labels: Variable): Variable {
  return activation === "softmax"
    ? linear.softmaxCrossEntropy(labels)
    : labels.mul(safeLog(activationOf(activation)(linear))).sum({ axis: -1 }).mean().neg();
}

const LOSSES: { readonly [K in LossName]: Loss } = {
  binaryCrossentropy: {
    name: "binaryCrossentropy",
    compute: (linear, activation, labels) => {
      if (activation === "sigmoid") return linear.sigmoidCrossEntropy(labels);
      return binaryCrossEntropy(activationOf(activation)(linear), labels);
    },
    prepare: probabilities("binaryCrossentropy"),
  },
  categoricalCrossentropy: {
    name: "categoricalCrossentropy",
    compute: categorical,
    prepare: probabilities("categoricalCrossentropy"),
  },
  sparseCategoricalCrossentropy: {
    name: "sparseCategoricalCrossentropy",
    compute: categorical,
    prepare: (labels, outputShape) => oneHot(labels, outputShape.at(-1) ?? 0),
  },
  meanSquaredError: fromPredictions("meanSquaredError", (y, p) => meanSquaredError(p, y)),
  meanAbsoluteError: fromPredictions("meanAbsoluteError", (y, p) => meanAbsoluteError(p, y)),
};

/**
 * Looks a loss up, or takes a function as one.
 *
 * @throws {RangeError} If there is none of that name
 */
export function lossOf(loss: LossName | LossFunction): Loss {
  if (typeof loss === "function") return fromPredictions(loss.name || "loss", loss);
  if (typeof loss === "string" && Object.hasOwn(LOSSES, loss)) return LOSSES[loss];
  throw new RangeError(
    message`Unknown loss: ${describeValue(loss)}, use one of
    ${Object.keys(LOSSES).join(", ")} or a function`,
  );
}

/** Class numbers `[rows]` or `[rows, 1]` as rows with a single 1. */
function oneHot(labels: NdArray, classes: number): NdArray {
  if (labels.size !== labels.shape[0]) {
    throw new TypeError(
      message`Cannot compute sparseCategoricalCrossentropy: labels have shape
      ${labels.shape}, use class numbers of shape [${labels.shape[0]}], or categoricalCrossentropy`,
    );
  }
  const result = fullArray([labels.size, classes], 0, labels.dtype);
  labels.data.forEach((label, i) => {
    if (!Number.isInteger(label) || label < 0 || label >= classes) {
      throw new RangeError(
        message`Cannot compute sparseCategoricalCrossentropy: label ${label} in row ${i},
        the model has classes 0 to ${classes - 1}`,
      );
    }
    result.data[i * classes + label] = 1;
  });
  return result;
}
