import { readOptions } from "../../_internal/readers/mod.ts";
import type { Variable } from "../../variable/mod.ts";
import type { Factory } from "../core/registry.ts";
import { EPSILON } from "./cross_entropies.ts";
import { DISTRIBUTION, nanOutside, RATES } from "./domain.ts";
import { counts, probabilities } from "./labels.ts";
import { defineLoss, type Loss, meanOfLast } from "./loss.ts";
import type { NoOptions } from "./regression.ts";

/**
 * The Kullback-Leibler divergence of distributions along the last axis, `sum(y log(y / p))`, both kept at least 1e-7.
 *
 * @example
 * ```ts
 * import { constant, type Variable } from "@tapegrad/tapegrad";
 * import { klDivergence } from "@tapegrad/tapegrad/nn";
 *
 * const losses = klDivergence().compute(constant([[0.5, 0.5]]), constant([[0.5, 0.5]])) as Variable;
 * console.log(losses.value); // [0]
 * ```
 */
export const klDivergence: Factory<NoOptions, Loss> = defineLoss("klDivergence", (options: NoOptions) => {
  readOptions("klDivergence", options, {});
  return {
    compute: (labels: Variable, predictions: Variable): Variable => {
      const y = labels.clip(EPSILON, 1);
      const p = nanOutside(predictions, DISTRIBUTION).clip(EPSILON, 1);
      return y.mul(y.div(p).log()).sum({ axis: -1 });
    },
    readLabels: probabilities,
    domain: {
      ...DISTRIBUTION,
      remedy: () => 'end it with activation: "softmax"',
    },
  };
});

/** `p - y log(p + 1e-7)` for counts and predicted rates, the mean along the last axis. */
export const poisson: Factory<NoOptions, Loss> = defineLoss("poisson", (options: NoOptions) => {
  readOptions("poisson", options, {});
  return {
    compute: (labels: Variable, predictions: Variable): Variable => {
      const rates = nanOutside(predictions, RATES);
      return meanOfLast(rates.sub(labels.mul(rates.add(EPSILON).log())));
    },
    readLabels: counts,
    domain: RATES,
  };
});
