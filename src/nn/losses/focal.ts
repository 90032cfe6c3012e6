import { readNumber, readOptions } from "../../_internal/readers/mod.ts";
import type { Variable } from "../../variable/mod.ts";
import type { Factory } from "../core/registry.ts";
import {
  binaryOf,
  classesOf,
  clippedRows,
  type CrossentropyOptions,
  EPSILON,
  smoothed,
} from "./cross_entropies.ts";
import { DISTRIBUTION, YES_OR_NO } from "./domain.ts";
import { probabilities } from "./labels.ts";
import { defineLoss, type Loss, meanOfLast } from "./loss.ts";

/** Options of {@linkcode categoricalFocalCrossentropy}. */
export interface FocalOptions extends CrossentropyOptions {
  /** The factor of the positive class (the negative one has `1 - alpha`), or of all; 0.25 by default. */
  readonly alpha?: number;
  /** How much less the examples count that are right already; 2 by default, 0 for not at all. */
  readonly gamma?: number;
}

/** Options of {@linkcode binaryFocalCrossentropy}. */
export interface BinaryFocalOptions extends FocalOptions {
  /** Whether `alpha` is applied; false by default. */
  readonly applyClassBalancing?: boolean;
}

const DEFAULTS = { fromLogits: false, labelSmoothing: 0, alpha: 0.25, gamma: 2 } as const;

/**
 * Binary cross-entropy times `(1 - q)^gamma`, with q the probability of the right answer: what is right already counts
 * less. The mean along the last axis. (Lin et al. 2017, equation 4)
 *
 * @example
 * ```ts
 * import { constant, type Variable } from "@tapegrad/tapegrad";
 * import { binaryFocalCrossentropy } from "@tapegrad/tapegrad/nn";
 *
 * const loss = binaryFocalCrossentropy({ gamma: 1 });
 * console.log((loss.compute(constant([[1]]), constant([[0.5]])) as Variable).value); // [0.34657359027997264]
 * ```
 */
export const binaryFocalCrossentropy: Factory<BinaryFocalOptions, Loss> = defineLoss(
  "binaryFocalCrossentropy",
  (options: BinaryFocalOptions) => {
    const name = "binaryFocalCrossentropy";
    const { fromLogits, labelSmoothing, alpha, gamma, applyClassBalancing } = readOptions(name, options, {
      ...DEFAULTS,
      applyClassBalancing: false,
    });
    checkFocal(name, labelSmoothing, alpha, gamma);
    const compute = (labels: Variable, predictions: Variable): Variable => {
      const targets = smoothed(labels, labelSmoothing, 2);
      const p = fromLogits ? predictions.sigmoid() : predictions;
      const against = targets.neg().add(1);
      const right = targets.mul(p).add(against.mul(p.neg().add(1)));
      const losses = right.neg().add(1).pow(gamma).mul(binaryOf(name, targets, predictions, fromLogits));
      if (!applyClassBalancing) return meanOfLast(losses);
      return meanOfLast(losses.mul(targets.mul(alpha).add(against.mul(1 - alpha))));
    };
    return { compute, readLabels: probabilities, ...fromLogits ? {} : { domain: YES_OR_NO } };
  },
);

/** Categorical cross-entropy with the factor `alpha (1 - p)^gamma` for each class. (Lin et al. 2017, section 3) */
export const categoricalFocalCrossentropy: Factory<FocalOptions, Loss> = defineLoss(
  "categoricalFocalCrossentropy",
  (options: FocalOptions) => {
    const name = "categoricalFocalCrossentropy";
    const { fromLogits, labelSmoothing, alpha, gamma } = readOptions(name, options, DEFAULTS);
    checkFocal(name, labelSmoothing, alpha, gamma);
    const compute = (labels: Variable, predictions: Variable): Variable => {
      const targets = smoothed(labels, labelSmoothing, classesOf(name, predictions));
      const p = fromLogits ? predictions.softmax().clip(EPSILON, 1 - EPSILON) : clippedRows(predictions);
      return targets.mul(p.log()).mul(p.neg().add(1).pow(gamma)).sum({ axis: -1 }).mul(-alpha);
    };
    return { compute, readLabels: probabilities, ...fromLogits ? {} : { domain: DISTRIBUTION } };
  },
);

function checkFocal(name: string, labelSmoothing: number, alpha: number, gamma: number): void {
  readNumber(name, "labelSmoothing", labelSmoothing, { min: 0, max: 1 });
  readNumber(name, "alpha", alpha, { min: 0, max: 1 });
  readNumber(name, "gamma", gamma, { min: 0, below: Infinity });
}
