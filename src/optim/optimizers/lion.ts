import { readOptions } from "../../_internal/readers/mod.ts";
import { moving } from "./adam.ts";
import { makeOptimizer } from "./make_optimizer.ts";
import type { Optimizer } from "./optimizer.ts";
import { checkRange, COMMON_DEFAULTS, type OptimizerOptions } from "./options.ts";

/** Options of {@linkcode lion}; weight decay is decoupled by default. */
export interface LionOptions extends OptimizerOptions {
  /** How much of the mean gradient goes into a step; 0.9 by default. */
  readonly beta1?: number;
  /** How slowly the mean of the gradient changes; 0.99 by default. */
  readonly beta2?: number;
}

/**
 * Lion (Chen et al. 2023): `p -= lr * sign(b1 m + (1 - b1) g); m = b2 m + (1 - b2) g`.
 *
 * @param options Learning rate, decay rates, weight decay, clipping
 * @throws {TypeError} If an option is unknown
 * @throws {RangeError} If an option is out of range
 *
 * @example
 * ```ts
 * import { lion } from "@tapegrad/tapegrad/optim";
 *
 * const optimizer = lion({ learningRate: 0.5 });
 * const p = { w: [1, 2] };
 * console.log(optimizer.update({ w: [5, -3] }, optimizer.init(p), p).parameters.w); // [0.5, 2.5]
 * ```
 */
export function lion(given: LionOptions = {}): Optimizer {
  const options = readOptions<LionOptions, typeof DEFAULTS>("lion", given, DEFAULTS);
  const { beta1, beta2 } = options;
  checkRange("lion", "beta1", beta1, 0, 1);
  checkRange("lion", "beta2", beta2, 0, 1);
  return makeOptimizer("lion", options, {
    slots: ["m"],
    update: (p, g, { m }, { rate }) => [
      p.sub(moving(m, g, beta1).sign().mul(rate)),
      { m: moving(m, g, beta2) },
    ],
  });
}

const DEFAULTS = { ...COMMON_DEFAULTS, decoupledWeightDecay: true, beta1: 0.9, beta2: 0.99 };
