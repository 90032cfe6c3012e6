import { checkRange, makeOptimizer, type Optimizer, type Schedule } from "./optimizer.ts";

/** Options of {@linkcode rmsprop}. */
export interface RmspropOptions {
  /** 0.01 by default. */
  readonly learningRate?: number | Schedule;
  /** How slowly the mean square of the gradient changes; 0.99 by default. */
  readonly decay?: number;
  /** Added to the root of the mean square; 1e-8 by default. */
  readonly epsilon?: number;
}

/**
 * RMSProp (Hinton 2012): `v = d v + (1 - d) g^2; p -= lr * g / (sqrt(v) + eps)`.
 *
 * @throws {RangeError} If an option is out of range
 *
 * @example
 * ```ts
 * import { rmsprop } from "@tapegrad/tapegrad/optim";
 *
 * console.log(rmsprop({ learningRate: 0.001 }).name); // rmsprop
 * ```
 */
export function rmsprop(
  { learningRate = 0.01, decay = 0.99, epsilon = 1e-8 }: RmspropOptions = {},
): Optimizer {
  checkRange("rmsprop", "decay", decay, 0, 1);
  checkRange("rmsprop", "epsilon", epsilon, 0, Infinity);
  return makeOptimizer("rmsprop", learningRate, 1, (out, p, gradient, [v], rate) => {
    for (let i = 0; i < out.length; i++) {
      const g = gradient[i]!;
      v![i] = decay * v![i]! + (1 - decay) * g * g;
      out[i] = p[i]! - rate * g / (Math.sqrt(v![i]!) + epsilon);
    }
  });
}
