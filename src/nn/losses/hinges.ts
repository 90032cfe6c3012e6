import { readOptions } from "../../_internal/readers/mod.ts";
import { where } from "../../functions/mod.ts";
import type { Variable } from "../../variable/mod.ts";
import type { Factory } from "../core/registry.ts";
import { probabilities, signs } from "./labels.ts";
import { defineLoss, type Loss, meanOfLast } from "./loss.ts";
import type { NoOptions } from "./regression.ts";

/**
 * `max(0, 1 - y p)`, the mean along the last axis, for labels -1 and 1, or 0 and 1.
 *
 * @example
 * ```ts
 * import { constant, type Variable } from "@tapegrad/tapegrad";
 * import { hinge } from "@tapegrad/tapegrad/nn";
 *
 * const losses = hinge().compute(constant([[1], [0]]), constant([[0.75], [0.5]])) as Variable;
 * console.log(losses.value); // [0.25, 1.5]
 * ```
 */
export const hinge: Factory<NoOptions, Loss> = defineLoss("hinge", (options: NoOptions) => {
  readOptions("hinge", options, {});
  return {
    compute: (labels: Variable, predictions: Variable): Variable => meanOfLast(margins(labels, predictions)),
    readLabels: signs,
  };
});

/** The square of {@linkcode hinge} of each element, the mean along the last axis. */
export const squaredHinge: Factory<NoOptions, Loss> = defineLoss("squaredHinge", (options: NoOptions) => {
  readOptions("squaredHinge", options, {});
  return {
    compute: (labels: Variable, predictions: Variable): Variable =>
      meanOfLast(margins(labels, predictions).square()),
    readLabels: signs,
  };
});

/** `max(0, 1 + n - p)` with p the score of the right class, n the largest of the others; labels are one-hot. */
export const categoricalHinge: Factory<NoOptions, Loss> = defineLoss(
  "categoricalHinge",
  (options: NoOptions) => {
    readOptions("categoricalHinge", options, {});
    return {
      compute: (labels: Variable, predictions: Variable): Variable => {
        const right = labels.mul(predictions).sum({ axis: -1 });
        const wrong = labels.neg().add(1).mul(predictions).max({ axis: -1 });
        return wrong.sub(right).add(1).relu();
      },
      readLabels: probabilities,
    };
  },
);

function margins(labels: Variable, predictions: Variable): Variable {
  return where(labels.eq(0), -1, labels).mul(predictions).neg().add(1).relu();
}
