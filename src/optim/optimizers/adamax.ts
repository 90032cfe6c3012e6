import { readOptions } from "../../_internal/readers/mod.ts";
import { checkMoments, MOMENT_DEFAULTS, type MomentOptions, moving, powerOf } from "./adam.ts";
import { makeOptimizer } from "./make_optimizer.ts";
import type { Optimizer } from "./optimizer.ts";

/** Options of {@linkcode adamax}; `beta2` says how slowly the largest size of a gradient is forgotten. */
export type AdamaxOptions = MomentOptions;

/**
 * Adamax (Kingma and Ba 2015, section 7.1): `m = b1 m + (1 - b1) g; u = max(b2 u, |g| + eps);
 * p -= lr / (1 - b1^t) * m / u`.
 *
 * @param options Learning rate, decay rates, weight decay, clipping
 * @throws {TypeError} If an option is unknown
 * @throws {RangeError} If an option is out of range
 *
 * @example
 * ```ts
 * import { constant } from "@tapegrad/tapegrad";
 * import { adamax } from "@tapegrad/tapegrad/optim";
 *
 * const optimizer = adamax({ learningRate: 0.5 });
 * const p = [constant(1)];
 * const { parameters } = optimizer.update([constant(8)], optimizer.init(p), p);
 * console.log(parameters[0]!.item().toFixed(6)); // 0.500000
 * ```
 */
export function adamax(given: AdamaxOptions = {}): Optimizer {
  const options = readOptions<AdamaxOptions, typeof MOMENT_DEFAULTS>("adamax", given, MOMENT_DEFAULTS);
  const { beta1, beta2, epsilon } = options;
  checkMoments("adamax", options);
  return makeOptimizer("adamax", options, {
    slots: ["m", "u"],
    scalars: (step, rate) => ({ scale: rate.div(powerOf(beta1, step).rest) }),
    update: (p, g, slots, { scale }) => {
      const m = moving(slots.m, g, beta1);
      const u = slots.u.mul(beta2).maximum(g.abs().add(epsilon));
      // With epsilon 0 and no gradient yet both are 0, and the parameter stays.
      const isZero = u.eq(0);
      return [p.sub(isZero.where(0, m.mul(scale).div(isZero.where(1, u)))), { m, u }];
    },
  });
}
