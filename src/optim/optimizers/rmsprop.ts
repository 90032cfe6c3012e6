import { readOptions } from "../../_internal/readers/mod.ts";
import { moving } from "./adam.ts";
import { makeOptimizer } from "./make_optimizer.ts";
import type { Optimizer } from "./optimizer.ts";
import { checkRange, COMMON_DEFAULTS, oneOfTwo, type OptimizerOptions } from "./options.ts";
import { root } from "./root.ts";

/** Options of {@linkcode rmsprop}; its learning rate is 0.001 by default. */
export interface RmspropOptions extends OptimizerOptions {
  /** How slowly the mean square of the gradient changes; 0.9 by default. */
  readonly rho?: number;
  /** The name of `rho` in TensorFlow.js. */
  readonly decay?: number;
  /** Added to the root of the mean square; 1e-7 by default. */
  readonly epsilon?: number;
  /** 0 by default. */
  readonly momentum?: number;
  /** Whether the square of the mean gradient is taken off the mean square; false by default. */
  readonly centered?: boolean;
}

/**
 * RMSProp (Hinton 2012): `v = rho v + (1 - rho) g^2; p -= lr * g / (sqrt(v) + eps)`; centered, `v - mean(g)^2`
 * stands for v (Graves 2013); with momentum, `b = m b + g / (sqrt(v) + eps); p -= lr * b`.
 *
 * @param options Learning rate, decay of the mean square, momentum, weight decay, clipping
 * @throws {TypeError} If an option is unknown
 * @throws {RangeError} If an option is out of range
 *
 * @example
 * ```ts
 * import { constant } from "@tapegrad/tapegrad";
 * import { rmsprop } from "@tapegrad/tapegrad/optim";
 *
 * const optimizer = rmsprop({ learningRate: 0.1, rho: 0.75 });
 * const p = [constant(1)];
 * const { parameters } = optimizer.update([constant(3)], optimizer.init(p), p);
 * console.log(parameters[0]!.item().toFixed(6)); // 0.800000
 * ```
 */
export function rmsprop(given: RmspropOptions = {}): Optimizer {
  const options = readOptions<RmspropOptions, typeof DEFAULTS>("rmsprop", given, DEFAULTS);
  const { epsilon, momentum, centered } = options;
  const rho = oneOfTwo("rmsprop", options, "rho", "decay", 0.9);
  checkRange("rmsprop", "epsilon", epsilon, 0, Infinity);
  checkRange("rmsprop", "momentum", momentum, 0, 1);
  const slots = ["v", ...(centered ? ["mean"] as const : []), ...(momentum > 0 ? ["velocity"] as const : [])];
  return makeOptimizer("rmsprop", options, {
    slots: slots as ("v" | "mean" | "velocity")[],
    update: (p, g, slots, { rate }) => {
      const v = moving(slots.v, g.square(), rho);
      const mean = centered ? moving(slots.mean, g, rho) : v;
      // Rounding may bring the difference below 0.
      const square = centered ? v.sub(mean.square()).maximum(0) : v;
      const direction = g.div(root(square).add(epsilon));
      const velocity = momentum > 0 ? slots.velocity.mul(momentum).add(direction) : direction;
      return [p.sub(velocity.mul(rate)), { v, mean, velocity }];
    },
  });
}

const DEFAULTS = {
  ...COMMON_DEFAULTS,
  rho: undefined,
  decay: undefined,
  epsilon: 1e-7,
  momentum: 0,
  centered: false,
};
