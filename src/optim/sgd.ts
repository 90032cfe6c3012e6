import { checkRange, makeOptimizer, type Optimizer, type Schedule } from "./optimizer.ts";

/** Options of {@linkcode sgd}. */
export interface SgdOptions {
  /** 0.01 by default. */
  readonly learningRate?: number | Schedule;
  /** 0 by default. */
  readonly momentum?: number;
  /** Nesterov's form of momentum; false by default. */
  readonly nesterov?: boolean;
  /** Added to the gradient, times the parameter; 0 by default. */
  readonly weightDecay?: number;
}

/**
 * Stochastic gradient descent: `p -= lr * g`, with momentum `v = m v + g; p -= lr * v`, in Nesterov's form
 * `p -= lr * (g + m v)` (Sutskever et al. 2013).
 *
 * @throws {RangeError} If an option is out of range
 *
 * @example
 * ```ts
 * import { constant } from "@tapegrad/tapegrad";
 * import { sgd } from "@tapegrad/tapegrad/optim";
 *
 * const optimizer = sgd({ learningRate: 0.5 });
 * const p = { w: constant([1, 2]) };
 * const { parameters } = optimizer.update({ w: constant([2, 2]) }, optimizer.init(p), p);
 * console.log(parameters.w.value); // [0, 1]
 * ```
 */
export function sgd(
  { learningRate = 0.01, momentum = 0, nesterov = false, weightDecay = 0 }: SgdOptions = {},
): Optimizer {
  checkRange("sgd", "momentum", momentum, 0, 1);
  checkRange("sgd", "weightDecay", weightDecay, 0, Infinity);
  return makeOptimizer("sgd", learningRate, momentum > 0 ? 1 : 0, (out, p, gradient, [velocity], rate) => {
    for (let i = 0; i < out.length; i++) {
      const g = gradient[i]! + weightDecay * p[i]!;
      if (velocity === undefined) {
        out[i] = p[i]! - rate * g;
        continue;
      }
      velocity[i] = momentum * velocity[i]! + g;
      out[i] = p[i]! - rate * (nesterov ? g + momentum * velocity[i]! : velocity[i]!);
    }
  });
}
