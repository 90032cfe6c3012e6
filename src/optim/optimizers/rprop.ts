import { message } from "../../_internal/message.ts";
import { readOptions } from "../../_internal/readers/mod.ts";
import { makeOptimizer } from "./make_optimizer.ts";
import type { Optimizer } from "./optimizer.ts";
import { checkPositive, checkRange, COMMON_DEFAULTS, type OptimizerOptions } from "./options.ts";

/** Options of {@linkcode rprop}; its learning rate, 0.01 by default, is the size of the first step. */
export interface RpropOptions extends OptimizerOptions {
  /** What a step is multiplied by when the sign of the derivative has changed; 0.5 by default. */
  readonly shrink?: number;
  /** What it is multiplied by when the sign has stayed; 1.2 by default. */
  readonly growth?: number;
  /** The smallest step; 1e-6 by default. */
  readonly minimumStep?: number;
  /** The largest step; 50 by default. */
  readonly maximumStep?: number;
}

/**
 * Resilient backpropagation (Riedmiller and Braun 1993): a step of its own for each number, by the sign of the
 * derivative alone. For whole data sets, not for batches.
 *
 * @param options Learning rate, growth and limits of the steps, weight decay, clipping
 * @throws {TypeError} If an option is unknown
 * @throws {RangeError} If an option is out of range
 *
 * @example
 * ```ts
 * import { rprop } from "@tapegrad/tapegrad/optim";
 *
 * const optimizer = rprop({ learningRate: 0.5 });
 * const p = { w: [1, 2] };
 * console.log(optimizer.update({ w: [5, -3] }, optimizer.init(p), p).parameters.w); // [0.5, 2.5]
 * ```
 */
export function rprop(given: RpropOptions = {}): Optimizer {
  const options = readOptions<RpropOptions, typeof DEFAULTS>("rprop", given, DEFAULTS);
  const { shrink, growth, minimumStep, maximumStep } = options;
  checkRange("rprop", "shrink", shrink, 0, 1);
  checkRange("rprop", "growth", growth, 1, Infinity);
  checkRange("rprop", "minimumStep", minimumStep, 0, Infinity);
  checkPositive("rprop", "maximumStep", maximumStep);
  if (minimumStep > maximumStep) {
    throw new RangeError(
      message`Cannot make rprop: minimumStep ${minimumStep} is above maximumStep ${maximumStep}, swap them`,
    );
  }
  return makeOptimizer("rprop", options, {
    slots: ["last", "size"],
    // Sizes are kept as multiples of the learning rate, so that a change of it is felt.
    starts: { size: 1 },
    scalars: (_, rate) => {
      const positive = rate.gt(0).where(rate, 1);
      return { low: positive.reciprocal().mul(minimumStep), high: positive.reciprocal().mul(maximumStep) };
    },
    update: (p, g, { last, size }, { rate, low, high }) => {
      const agreement = g.mul(last);
      const turned = agreement.lt(0);
      const grown = agreement.gt(0).where(size.mul(growth), size);
      const next = turned.where(size.mul(shrink), grown).maximum(low).minimum(high);
      const used = turned.where(0, g);
      return [p.sub(used.sign().mul(next).mul(rate)), { last: used, size: next }];
    },
  });
}

const DEFAULTS = {
  ...COMMON_DEFAULTS,
  learningRate: 0.01,
  shrink: 0.5,
  growth: 1.2,
  minimumStep: 1e-6,
  maximumStep: 50,
};
