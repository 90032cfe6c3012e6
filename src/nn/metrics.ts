import { message } from "../_internal/message.ts";
import { describeValue } from "../_internal/format.ts";
import type { NdArray } from "../array/nd_array.ts";
import { constant, noGrad } from "../variable/mod.ts";
import { type ActivationName, activationOf } from "./activations.ts";
import type { Loss, LossFunction } from "./losses.ts";

/** What is measured beside the loss: the share of right answers, or a function with a name. */
export type MetricName = "accuracy";

/** A metric, working from what the last layer gives before its activation. */
export interface Metric {
  /** The key in histories. */
  readonly name: string;
  /** The mean over a batch. */
  compute(labels: NdArray, linear: NdArray, activation: ActivationName): number;
}

/**
 * Looks metrics up, or takes functions as such.
 *
 * @throws {RangeError} If there is none of a name, or a function has no name or one that is taken
 */
export function metricsOf(metrics: readonly (MetricName | LossFunction)[], loss: Loss): Metric[] {
  const taken = new Set(["loss"]);
  return metrics.map((metric) => {
    if (metric !== "accuracy" && typeof metric !== "function") {
      throw new RangeError(message`Unknown metric: ${describeValue(metric)}, use "accuracy" or a function`);
    }
    const name = typeof metric === "function" ? metric.name : metric;
    if (name === "" || taken.has(name)) {
      throw new RangeError(
        message`Cannot measure ${describeValue(metric)}:
        ${name === "" ? "it has no name to record it by" : `the name ${name} is taken`}`,
      );
    }
    taken.add(name);
    return typeof metric === "function" ? fromFunction(metric) : accuracyFor(loss);
  });
}

function fromFunction(metric: LossFunction): Metric {
  return {
    name: metric.name,
    compute: (labels, linear, activation) =>
      noGrad(() => metric(constant(labels), activationOf(activation)(constant(linear))).item()),
  };
}

/**
 * Right answers: of each number by rounding, for binary losses and single units; else of each row by the
 * largest number.
 */
function accuracyFor(loss: Loss): Metric {
  return {
    name: "accuracy",
    compute: (labels, linear, activation) =>
      loss.name === "binaryCrossentropy" || (linear.shape.at(-1) ?? 1) === 1
        ? shareOfRounded(labels, linear, activation)
        : shareOfLargest(labels, linear),
  };
}

function shareOfRounded(labels: NdArray, linear: NdArray, activation: ActivationName): number {
  // Sigmoid passes one half at 0; the other activations are few enough to be applied.
  const threshold = activation === "sigmoid" ? 0 : 0.5;
  const scores = activation === "sigmoid" || activation === "linear"
    ? linear
    : noGrad(() => activationOf(activation)(constant(linear)).toArray());
  let right = 0;
  for (let i = 0; i < scores.size; i++) {
    if ((scores.data[i]! > threshold ? 1 : 0) === labels.data[i]) right++;
  }
  return right / scores.size;
}

function shareOfLargest(labels: NdArray, linear: NdArray): number {
  const width = linear.shape.at(-1)!;
  const rows = linear.size / width;
  let right = 0;
  for (let row = 0; row < rows; row++) {
    if (largest(linear, row, width) === largest(labels, row, width)) right++;
  }
  return right / rows;
}

function largest(x: NdArray, row: number, width: number): number {
  let best = 0;
  for (let k = 1; k < width; k++) if (x.data[row * width + k]! > x.data[row * width + best]!) best = k;
  return best;
}
