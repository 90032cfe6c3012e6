import { readOptions } from "../../_internal/readers/mod.ts";
import { constant, type Variable } from "../../variable/mod.ts";
import { checkMoments, MOMENT_DEFAULTS, type MomentOptions, moving, powerOf } from "./adam.ts";
import { makeOptimizer } from "./make_optimizer.ts";
import type { Optimizer } from "./optimizer.ts";
import { checkRange } from "./options.ts";
import { root } from "./root.ts";

/** Options of {@linkcode nadam}. */
export interface NadamOptions extends MomentOptions {
  /**
   * How fast the momentum rises to `beta1`, which is `beta1 * (1 - 0.96^(t * momentumDecay) / 2)` at step t; 1 by
   * default, as in Keras, and 0.004 in the paper and in PyTorch.
   */
  readonly momentumDecay?: number;
}

/**
 * Adam with Nesterov's momentum (Dozat 2016): with `mu_t = b1 (1 - 0.96^(t momentumDecay) / 2)`,
 * `p -= lr * ((1 - mu_t) / (1 - mu_1 ... mu_t) g + mu_(t+1) / (1 - mu_1 ... mu_(t+1)) m) / (sqrt(v / (1 - b2^t)) + eps)`.
 *
 * @param options Learning rate, decay rates, weight decay, clipping
 * @throws {TypeError} If an option is unknown
 * @throws {RangeError} If an option is out of range
 *
 * @example
 * ```ts
 * import { nadam } from "@tapegrad/tapegrad/optim";
 *
 * const optimizer = nadam({ learningRate: 0.1 });
 * const p = { w: [1] };
 * console.log(optimizer.update({ w: [5] }, optimizer.init(p), p).parameters.w[0]! < 1); // true
 * ```
 */
export function nadam(given: NadamOptions = {}): Optimizer {
  const options = readOptions<NadamOptions, typeof DEFAULTS>("nadam", given, DEFAULTS);
  const { beta1, beta2, epsilon, momentumDecay } = options;
  checkMoments("nadam", options);
  checkRange("nadam", "momentumDecay", momentumDecay, 0, Infinity);
  const momentumAt = (step: Variable): Variable =>
    constant(0.96).pow(step.mul(momentumDecay)).mul(-0.5).add(1).mul(beta1);
  return makeOptimizer("nadam", options, {
    slots: ["m", "v", "product"],
    starts: { product: 1 },
    numbers: ["product"],
    scalars: (step, rate) => ({
      momentum: momentumAt(step),
      next: momentumAt(step.add(1)),
      correction: powerOf(beta2, step).rest.sqrt(),
      exactRate: rate,
    }),
    update: (p, g, slots, { momentum, next, correction, exactRate }) => {
      const m = moving(slots.m, g, beta1);
      const v = moving(slots.v, g.square(), beta2);
      const product = slots.product.mul(momentum);
      const share = exactRate.mul(momentum.neg().add(1)).div(product.neg().add(1)).cast(p.dtype);
      const ahead = exactRate.mul(next).div(product.mul(next).neg().add(1)).cast(p.dtype);
      const direction = g.mul(share).add(m.mul(ahead));
      return [p.sub(direction.div(root(v).div(correction).add(epsilon))), { m, v, product }];
    },
  });
}

const DEFAULTS = { ...MOMENT_DEFAULTS, momentumDecay: 1 };
