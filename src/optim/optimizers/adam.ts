import { readOptions } from "../../_internal/readers/mod.ts";
import { constant, type Variable } from "../../variable/mod.ts";
import { makeOptimizer } from "./make_optimizer.ts";
import type { Optimizer } from "./optimizer.ts";
import { checkRange, COMMON_DEFAULTS, type OptimizerOptions } from "./options.ts";
import { root } from "./root.ts";

/** Decay rates of the means of gradients, of adam and its relatives. */
export interface MomentOptions extends OptimizerOptions {
  /** How slowly the mean of the gradient changes; 0.9 by default. */
  readonly beta1?: number;
  /** How slowly the mean of its square changes; 0.999 by default. */
  readonly beta2?: number;
  /** Added to the root of the mean square; 1e-7 by default. */
  readonly epsilon?: number;
}

/** Options of {@linkcode adam} and {@linkcode adamW}; the weight decay of adamW is 0.004 by default. */
export interface AdamOptions extends MomentOptions {
  /** Divides by the largest mean square so far (Reddi et al. 2018); false by default. */
  readonly amsgrad?: boolean;
}

/** The defaults of {@linkcode MomentOptions}. */
export const MOMENT_DEFAULTS: typeof COMMON_DEFAULTS & {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
} = { ...COMMON_DEFAULTS, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };

/** Checks {@linkcode MomentOptions}. */
export function checkMoments(
  name: string,
  { beta1, beta2, epsilon }: { readonly beta1: number; readonly beta2: number; readonly epsilon: number },
): void {
  checkRange(name, "beta1", beta1, 0, 1);
  checkRange(name, "beta2", beta2, 0, 1);
  checkRange(name, "epsilon", epsilon, 0, Infinity);
}

/** `beta` to the power of the step, and what is missing to 1. */
export function powerOf(beta: number, step: Variable): { power: Variable; rest: Variable } {
  const power = constant(beta).pow(step);
  return { power, rest: power.neg().add(1) };
}

/** A mean that forgets: `mean * beta + value * (1 - beta)`. */
export function moving(mean: Variable, value: Variable, beta: number): Variable {
  return mean.mul(beta).add(value.mul(1 - beta));
}

/**
 * Adam (Kingma and Ba 2015): `m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2;
 * p -= lr / (1 - b1^t) * m / (sqrt(v / (1 - b2^t)) + eps)`.
 *
 * @param options Learning rate, decay rates of the two means, weight decay, clipping
 * @throws {TypeError} If an option is unknown
 * @throws {RangeError} If an option is out of range
 *
 * @example
 * ```ts
 * import { constant } from "@tapegrad/tapegrad";
 * import { adam } from "@tapegrad/tapegrad/optim";
 *
 * const optimizer = adam({ learningRate: 0.1 });
 * const p = { w: constant(1) };
 * const { parameters } = optimizer.update({ w: constant(5) }, optimizer.init(p), p);
 * console.log(parameters.w.item().toFixed(6)); // 0.900000
 * ```
 */
export function adam(options: AdamOptions = {}): Optimizer {
  return makeAdam("adam", options, {});
}

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter 2019): `p *= 1 - lr * weightDecay` before each
 * step of {@linkcode adam}.
 *
 * @param options Learning rate, decay rates of the two means, weight decay (0.004 by default), clipping
 * @throws {TypeError} If an option is unknown
 * @throws {RangeError} If an option is out of range
 *
 * @example
 * ```ts
 * import { constant } from "@tapegrad/tapegrad";
 * import { adamW } from "@tapegrad/tapegrad/optim";
 *
 * const optimizer = adamW({ learningRate: 0.1, weightDecay: 0.5 });
 * const p = { w: constant(1) };
 * const { parameters } = optimizer.update({ w: constant(0) }, optimizer.init(p), p);
 * console.log(parameters.w.item()); // 0.95
 * ```
 */
export function adamW(options: AdamOptions = {}): Optimizer {
  return makeAdam("adamW", options, { weightDecay: 0.004, decoupledWeightDecay: true });
}

function makeAdam(
  name: string,
  given: AdamOptions,
  defaults: { readonly weightDecay?: number; readonly decoupledWeightDecay?: boolean },
): Optimizer {
  const all = { ...MOMENT_DEFAULTS, amsgrad: false, ...defaults };
  const options = readOptions<AdamOptions, typeof all>(name, given, all);
  const { beta1, beta2, epsilon, amsgrad } = options;
  checkMoments(name, options);
  return makeOptimizer(name, options, {
    slots: amsgrad ? ["m", "v", "largest"] as const : ["m", "v"] as const,
    scalars: (step, rate) => ({
      scale: rate.div(powerOf(beta1, step).rest),
      correction: powerOf(beta2, step).rest.sqrt(),
    }),
    update: (p, g, slots, { scale, correction }) => {
      const m = moving(slots.m, g, beta1);
      const v = moving(slots.v, g.square(), beta2);
      const largest = amsgrad ? slots.largest.maximum(v) : v;
      return [p.sub(m.mul(scale).div(root(largest).div(correction).add(epsilon))), { m, v, largest }];
    },
  });
}
