import { message } from "../../_internal/message.ts";
import type { NdArray } from "../../array/nd_array.ts";
import { sameShape, type Shape } from "../../array/shape.ts";

/** Brings labels into the form that a loss takes, or throws a TypeError or RangeError. */
export type LabelReader = (loss: string, labels: NdArray, outputShape: Shape) => NdArray;

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
export const probabilities: LabelReader = likeOutputWhere(
  (label) => label >= 0 && label <= 1,
  "labels are from 0 to 1",
);

/** Takes labels like the output that are not negative. */
export const counts: LabelReader = likeOutputWhere((label) => label >= 0, "labels are from 0 up");

/** Takes labels like the output that say yes and no. */
export const signs: LabelReader = likeOutputWhere(
  (label) => label === 1 || label === -1 || label === 0,
  "labels are -1 (or 0) and 1",
);

/** Whether labels that a reader takes have the shape of the output. */
export function isLikeOutput(reader: LabelReader): boolean {
  return [likeOutput, probabilities, counts, signs].includes(reader);
}

function likeOutputWhere(isAllowed: (label: number) => boolean, expected: string): LabelReader {
  return (loss, labels, outputShape) => {
    const matched = likeOutput(loss, labels, outputShape);
    const wrong = matched.data.findIndex((label) => !isAllowed(Number(label)));
    if (wrong < 0) return matched;
    const row = Math.floor(wrong / (matched.size / (matched.shape[0] || 1)));
    throw new RangeError(
      message`Cannot compute ${loss}: label ${String(matched.data[wrong])} in row ${row}, ${expected}`,
    );
  };
}

/**
 * Takes numbers of classes, one for each distribution along the last axis of the output: `[rows]` or `[rows, 1]`.
 *
 * @param ignored One number more that is allowed, for labels that do not count
 */
export function classNumbersExcept(ignored: number | undefined): LabelReader {
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
