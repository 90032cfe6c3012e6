import { readAxis, readNumber, readOptions } from "../../_internal/readers/mod.ts";
import type { Variable } from "../../variable/mod.ts";
import type { Factory } from "../core/registry.ts";
import { EPSILON } from "./cross_entropies.ts";
import { defineLoss, type Loss, type LossFunction, meanOfLast } from "./loss.ts";

/** Options of losses that have none. */
export type NoOptions = Record<never, never>;

/** Defines a loss without options under its name and the short one that Keras has for it. */
function defineBoth(
  name: string,
  short: string | undefined,
  compute: LossFunction,
): Factory<NoOptions, Loss> {
  const make = (own: string) => (options: NoOptions): LossFunction => {
    readOptions(own, options, {});
    return compute;
  };
  if (short !== undefined) defineLoss(short, make(short));
  return defineLoss(name, make(name));
}

/**
 * The square of the error, the mean along the last axis; `"mse"` for short.
 *
 * @example
 * ```ts
 * import { constant, type Variable } from "@tapegrad/tapegrad";
 * import { meanSquaredError } from "@tapegrad/tapegrad/nn";
 *
 * const losses = meanSquaredError().compute(constant([[1, 2], [3, 4]]), constant([[1, 4], [3, 4]])) as Variable;
 * console.log(losses.value); // [2, 0]
 * ```
 */
export const meanSquaredError: Factory<NoOptions, Loss> = defineBoth(
  "meanSquaredError",
  "mse",
  (labels, predictions) => meanOfLast(predictions.sub(labels).square()),
);

/** The size of the error, the mean along the last axis; `"mae"` for short. */
export const meanAbsoluteError: Factory<NoOptions, Loss> = defineBoth(
  "meanAbsoluteError",
  "mae",
  (labels, predictions) => meanOfLast(predictions.sub(labels).abs()),
);

/** The size of the error in per cent of the label's (1e-7 at least), the mean along the last axis; `"mape"` for short. */
export const meanAbsolutePercentageError: Factory<NoOptions, Loss> = defineBoth(
  "meanAbsolutePercentageError",
  "mape",
  (labels, predictions) =>
    meanOfLast(labels.sub(predictions).div(labels.abs().maximum(EPSILON)).abs().mul(100)),
);

/**
 * The square of the error of `log(1 + x)`, the mean along the last axis; numbers below 0 count as 0. `"msle"` for
 * short.
 */
export const meanSquaredLogarithmicError: Factory<NoOptions, Loss> = defineBoth(
  "meanSquaredLogarithmicError",
  "msle",
  (labels, predictions) => {
    const logarithm = (x: Variable): Variable => x.maximum(EPSILON).log1p();
    return meanOfLast(logarithm(predictions).sub(logarithm(labels)).square());
  },
);

/** `log(cosh(error))`, the mean along the last axis: a square near 0, a straight line far away. */
export const logCosh: Factory<NoOptions, Loss> = defineBoth("logCosh", undefined, (labels, predictions) => {
  const error = predictions.sub(labels);
  return meanOfLast(error.add(error.mul(-2).softplus()).sub(Math.LN2));
});

/** Half the square of the error up to `delta` (1 by default), a straight line beyond; the mean along the last axis. */
export const huber: Factory<{ readonly delta?: number }, Loss> = defineLoss(
  "huber",
  (options: { readonly delta?: number }) => {
    const { delta } = readOptions("huber", options, { delta: 1 });
    readNumber("huber", "delta", delta, { above: 0, below: Infinity });
    return (labels: Variable, predictions: Variable) => {
      const error = predictions.sub(labels);
      const near = error.clip(-delta, delta);
      return meanOfLast(near.square().mul(0.5).add(error.sub(near).abs().mul(delta)));
    };
  },
);

/**
 * The negative cosine of the angle between label and prediction along an axis, the last by default: -1 for the same
 * direction. As a metric it is the cosine itself.
 */
export const cosineSimilarity: Factory<{ readonly axis?: number }, Loss> = defineLoss(
  "cosineSimilarity",
  (options: { readonly axis?: number }) => {
    const { axis } = readOptions("cosineSimilarity", options, { axis: -1 });
    return (labels: Variable, predictions: Variable) => cosineOf(labels, predictions, axis).neg();
  },
);

/** The cosine of the angle between vectors along an axis; 0 where one of them is 0. */
export function cosineOf(labels: Variable, predictions: Variable, given: number): Variable {
  const axis = readAxis("cosineSimilarity", given, predictions.rank);
  const options = { axis, epsilon: 1e-6 };
  return labels.normalizeL2(options).mul(predictions.normalizeL2(options)).sum({ axis });
}
