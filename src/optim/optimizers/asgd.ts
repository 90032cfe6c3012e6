import { readOptions } from "../../_internal/readers/mod.ts";
import { makeOptimizer } from "./make_optimizer.ts";
import type { Optimizer } from "./optimizer.ts";
import { checkRange, COMMON_DEFAULTS, type OptimizerOptions } from "./options.ts";

/** Options of {@linkcode asgd}; its learning rate is 0.01 by default. */
export interface AsgdOptions extends OptimizerOptions {
  /** How strongly each step draws the parameters to 0, and how fast the learning rate falls; 1e-4 by default. */
  readonly lambda?: number;
  /** The power with which the learning rate falls; 0.75 by default. */
  readonly alpha?: number;
  /** The step after which the average is taken; 1e6 by default. */
  readonly averageAfter?: number;
}

/**
 * Averaged stochastic gradient descent (Polyak and Juditsky 1992): with `lr_t = lr / (1 + lambda lr (t - 1))^alpha`,
 * `p = p (1 - lambda lr_t) - lr_t g`; the mean of the parameters after `averageAfter` steps is the slot `average`.
 *
 * @param options Learning rate and how it falls, start of the average, weight decay, clipping
 * @throws {TypeError} If an option is unknown
 * @throws {RangeError} If an option is out of range
 *
 * @example
 * ```ts
 * import { asgd } from "@tapegrad/tapegrad/optim";
 *
 * const optimizer = asgd({ learningRate: 0.5, lambda: 0 });
 * const p = { w: [1] };
 * const { parameters, state } = optimizer.update({ w: [1] }, optimizer.init(p), p);
 * console.log(parameters.w, state.slots["average"]!["w"]!.value); // [0.5] [0.5]
 * ```
 */
export function asgd(given: AsgdOptions = {}): Optimizer {
  const options = readOptions<AsgdOptions, typeof DEFAULTS>("asgd", given, DEFAULTS);
  const { lambda, alpha, averageAfter } = options;
  checkRange("asgd", "lambda", lambda, 0, Infinity);
  checkRange("asgd", "alpha", alpha, 0, Infinity);
  checkRange("asgd", "averageAfter", averageAfter, 0, Infinity);
  return makeOptimizer("asgd", options, {
    slots: ["average"],
    scalars: (step, rate) => {
      const scale = rate.div(rate.mul(lambda).mul(step.sub(1)).add(1).pow(alpha));
      return {
        scale,
        shrink: scale.mul(-lambda).add(1),
        share: step.sub(1 + averageAfter).maximum(1).reciprocal(),
      };
    },
    update: (p, g, slots, { scale, shrink, share }) => {
      const next = p.mul(shrink).sub(g.mul(scale));
      return [next, { average: slots.average.add(next.sub(slots.average).mul(share)) }];
    },
  });
}

const DEFAULTS = { ...COMMON_DEFAULTS, learningRate: 0.01, lambda: 1e-4, alpha: 0.75, averageAfter: 1e6 };
