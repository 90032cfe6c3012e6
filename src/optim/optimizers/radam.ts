import { readOptions } from "../../_internal/readers/mod.ts";
import { checkMoments, MOMENT_DEFAULTS, type MomentOptions, moving, powerOf } from "./adam.ts";
import { makeOptimizer } from "./make_optimizer.ts";
import type { Optimizer } from "./optimizer.ts";
import { root } from "./root.ts";

/** Options of {@linkcode radam}. */
export type RadamOptions = MomentOptions;

/**
 * Rectified Adam (Liu et al. 2020): steps of {@linkcode adam} shortened by how far the mean square can be relied
 * on, and plain steps of the mean gradient as long as it can't.
 *
 * @param options Learning rate, decay rates, weight decay, clipping
 * @throws {TypeError} If an option is unknown
 * @throws {RangeError} If an option is out of range
 *
 * @example
 * ```ts
 * import { radam } from "@tapegrad/tapegrad/optim";
 *
 * const optimizer = radam({ learningRate: 0.1 });
 * const p = { w: [1] };
 * console.log(optimizer.update({ w: [5] }, optimizer.init(p), p).parameters.w[0]!.toFixed(6)); // 0.500000
 * ```
 */
export function radam(given: RadamOptions = {}): Optimizer {
  const options = readOptions<RadamOptions, typeof MOMENT_DEFAULTS>("radam", given, MOMENT_DEFAULTS);
  const { beta1, beta2, epsilon } = options;
  checkMoments("radam", options);
  const limit = 2 / (1 - beta2) - 1;
  return makeOptimizer("radam", options, {
    slots: ["m", "v"],
    scalars: (step, rate) => {
      const { power, rest } = powerOf(beta2, step);
      // The length of the mean that the paper calls rho; up to 5 the variance is not to be relied on.
      const length = step.mul(-2).mul(power).div(rest).add(limit);
      const isReliable = length.gt(5);
      const safe = isReliable.where(length, 6);
      const ratio = safe.sub(4).mul(safe.sub(2)).div(safe).mul(limit / ((limit - 4) * (limit - 2)));
      return {
        isReliable,
        scale: rate.div(powerOf(beta1, step).rest),
        // With a short mean, the ratio may be negative where it isn't used.
        rectification: isReliable.where(ratio, 1).sqrt().mul(rest.sqrt()),
      };
    },
    update: (p, g, slots, { isReliable, scale, rectification }) => {
      const m = moving(slots.m, g, beta1);
      const v = moving(slots.v, g.square(), beta2);
      const factor = isReliable.where(rectification.div(root(v).add(epsilon)), 1);
      return [p.sub(m.mul(scale).mul(factor)), { m, v }];
    },
  });
}
