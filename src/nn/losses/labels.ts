import { message } from "../../_internal/message.ts";
import type { NdArray } from "../../array/nd_array.ts";
import { sameShape, type Shape } from "../../array/shape.ts";

/** Takes labels of the output's shape, or without its last axis if that has length 1. */
export function likeOutput(loss: string, labels: NdArray, outputShape: Shape): NdArray {
  const expected = [labels.shape[0] ?? 0, ...outputShape];
  if (sameShape(labels.shape, expected)) return labels;
  if (outputShape.at(-1) === 1 && sameShape(labels.shape, expected.slice(0, -1))) {
    return labels.withShape(expected);
  }
  throw new TypeError(
    message`Cannot compute ${loss}: labels have shape ${labels.shape}, the model gives ${expected}`,
  );
}

/** Takes labels like the output that are from 0 to 1. */
export function probabilities(loss: string, labels: NdArray, outputShape: Shape): NdArray {
  const matched = likeOutput(loss, labels, outputShape);
  const width = matched.size / (matched.shape[0] || 1);
  const wrong = matched.data.findIndex((label) => !(label >= 0 && label <= 1));
  if (wrong < 0) return matched;
  throw new RangeError(
    message`Cannot compute ${loss}: label ${String(matched.data[wrong])} in row ${
      String(Math.floor(wrong / width))
    }, labels are from 0 to 1`,
  );
}

/**
 * Takes numbers of classes, one for each distribution along the last axis of the output: `[rows]` or `[rows, 1]`.
 *
 * @param ignored One number more that is allowed, for labels that do not count
 */
export function classNumbersExcept(
  ignored: number | undefined,
): (loss: string, labels: NdArray, outputShape: Shape) => NdArray {
  return (loss, labels, outputShape) => {
    const rows = labels.shape[0] ?? 0;
    const expected = [rows, ...outputShape.slice(0, -1)];
    const fits = sameShape(labels.shape, expected) || sameShape(labels.shape, [...expected, 1]);
    if (!fits) {
      throw new TypeError(
        message`Cannot compute ${loss}: labels have shape ${labels.shape}, use class numbers of shape ${expected}, or
        categoricalCrossentropy`,
      );
    }
    const classes = outputShape.at(-1) ?? 0;
    const width = labels.size / (rows || 1);
    labels.data.forEach((label, i) => {
      if ((Number.isInteger(label) && label >= 0 && label < classes) || label === ignored) return;
      throw new RangeError(
        message`Cannot compute ${loss}: label ${label} in row ${
          Math.floor(i / width)
        }, the model has classes 0 to
        ${classes - 1}`,
      );
    });
    return labels.withShape(expected);
  };
}

/**
 * Checks that predictions are from 0 to 1, but for rounding.
 *
 * @throws {RangeError} If one is not
 */
export function fromZeroToOne(loss: string, predictions: NdArray): void {
  const wrong = predictions.data.find((p) => !(p >= -1e-6 && p <= 1 + 1e-6));
  if (wrong === undefined || Number.isNaN(wrong)) return;
  const activation = loss.startsWith("binary") ? "sigmoid" : "softmax";
  throw new RangeError(
    message`Cannot train with ${loss}: the model predicts ${wrong}, which is no probability; end it with
    activation: "${activation}", or pass ${loss}({ fromLogits: true })`,
  );
}
