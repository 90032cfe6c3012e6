import { readOptions } from "../../_internal/readers/mod.ts";
import { makeOptimizer } from "./make_optimizer.ts";
import type { Optimizer } from "./optimizer.ts";
import { checkRange, COMMON_DEFAULTS, oneOfTwo, type OptimizerOptions } from "./options.ts";
import { root } from "./root.ts";

/** Options of {@linkcode adagrad}; its learning rate is 0.001 by default. */
export interface AdagradOptions extends OptimizerOptions {
  /** The learning rate of step t (from 0) is divided by `1 + t * learningRateDecay`; 0 by default. */
  readonly learningRateDecay?: number;
  /** What the sum of squares starts at; 0.1 by default. */
  readonly initialAccumulatorValue?: number;
  /** A short name of `initialAccumulatorValue`. */
  readonly initialAccumulator?: number;
  /** Added to the root of the sum of squares; 1e-7 by default. */
  readonly epsilon?: number;
}

/**
 * Adagrad (Duchi, Hazan and Singer 2011): `s += g^2; p -= lr * g / (sqrt(s) + eps)`.
 *
 * @param options Learning rate and its decay, start of the sum of squares, weight decay, clipping
 * @throws {TypeError} If an option is unknown
 * @throws {RangeError} If an option is out of range
 *
 * @example
 * ```ts
 * import { constant } from "@tapegrad/tapegrad";
 * import { adagrad } from "@tapegrad/tapegrad/optim";
 *
 * const optimizer = adagrad({ learningRate: 0.5, initialAccumulatorValue: 0 });
 * const p = [constant(1)];
 * const { parameters } = optimizer.update([constant(4)], optimizer.init(p), p);
 * console.log(parameters[0]!.item().toFixed(6)); // 0.500000
 * ```
 */
export function adagrad(given: AdagradOptions = {}): Optimizer {
  const options = readOptions<AdagradOptions, typeof DEFAULTS>("adagrad", given, DEFAULTS);
  const { learningRateDecay, epsilon } = options;
  const names = ["initialAccumulatorValue", "initialAccumulator"] as const;
  const start = oneOfTwo("adagrad", options, ...names, 0.1, Infinity);
  checkRange("adagrad", "learningRateDecay", learningRateDecay, 0, Infinity);
  checkRange("adagrad", "epsilon", epsilon, 0, Infinity);
  return makeOptimizer("adagrad", options, {
    slots: ["sum"],
    starts: { sum: start },
    scalars: (step, rate) => ({ scale: rate.div(step.sub(1).mul(learningRateDecay).add(1)) }),
    update: (p, g, slots, { scale }) => {
      const sum = slots.sum.add(g.square());
      return [p.sub(g.mul(scale).div(root(sum).add(epsilon))), { sum }];
    },
  });
}

const DEFAULTS = {
  ...COMMON_DEFAULTS,
  learningRateDecay: 0,
  initialAccumulatorValue: undefined,
  initialAccumulator: undefined,
  epsilon: 1e-7,
};
