import { checkRange, makeOptimizer, type Optimizer, type Schedule } from "./optimizer.ts";

/** Options of {@linkcode adam}. */
export interface AdamOptions {
  /** 0.001 by default. */
  readonly learningRate?: number | Schedule;
  /** How slowly the mean of the gradient changes; 0.9 by default. */
  readonly beta1?: number;
  /** How slowly the mean of its square changes; 0.999 by default. */
  readonly beta2?: number;
  /** Added to the root of the mean square; 1e-8 by default. */
  readonly epsilon?: number;
  /** Shrinks parameters by this share of the learning rate each step (AdamW); 0 by default. */
  readonly weightDecay?: number;
}

/**
 * Adam (Kingma and Ba 2015), with decoupled weight decay (AdamW, Loshchilov and Hutter 2019):
 * `p -= lr * m / (1 - b1^t) / (sqrt(v / (1 - b2^t)) + eps)`.
 *
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
export function adam(
  { learningRate = 0.001, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 }: AdamOptions = {},
): Optimizer {
  checkRange("adam", "beta1", beta1, 0, 1);
  checkRange("adam", "beta2", beta2, 0, 1);
  checkRange("adam", "epsilon", epsilon, 0, Infinity);
  checkRange("adam", "weightDecay", weightDecay, 0, Infinity);
  return makeOptimizer("adam", learningRate, 2, (out, p, gradient, [m, v], rate, step) => {
    const correction1 = 1 - beta1 ** step;
    const correction2 = Math.sqrt(1 - beta2 ** step);
    for (let i = 0; i < out.length; i++) {
      const g = gradient[i]!;
      m![i] = beta1 * m![i]! + (1 - beta1) * g;
      v![i] = beta2 * v![i]! + (1 - beta2) * g * g;
      const root = Math.sqrt(v![i]!) / correction2 + epsilon;
      out[i] = p[i]! * (1 - rate * weightDecay) - rate / correction1 * m![i]! / root;
    }
  });
}
