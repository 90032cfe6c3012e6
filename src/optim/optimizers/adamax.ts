import { makeOptimizer, type Optimizer } from "./optimizer.ts";
import { checkRange } from "./options.ts";
import type { Schedule } from "../schedules.ts";

/** Options of {@linkcode adamax}. */
export interface AdamaxOptions {
  /** 0.002 by default. */
  readonly learningRate?: number | Schedule;
  /** How slowly the mean of the gradient changes; 0.9 by default. */
  readonly beta1?: number;
  /** How slowly its largest size is forgotten; 0.999 by default. */
  readonly beta2?: number;
  /** Added to the size of each gradient; 1e-8 by default. */
  readonly epsilon?: number;
}

/**
 * Adamax (Kingma and Ba 2015, section 7.1): `m = b1 m + (1 - b1) g; u = max(b2 u, |g| + eps);
 * p -= lr / (1 - b1^t) * m / u`.
 *
 * @param options Learning rate and decay rates
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
export function adamax(
  { learningRate = 0.002, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamaxOptions = {},
): Optimizer {
  checkRange("adamax", "beta1", beta1, 0, 1);
  checkRange("adamax", "beta2", beta2, 0, 1);
  checkRange("adamax", "epsilon", epsilon, 0, Infinity);
  return makeOptimizer("adamax", learningRate, [0, 0], (out, p, gradient, [m, u], rate, step) => {
    const scale = rate / (1 - beta1 ** step);
    for (let i = 0; i < out.length; i++) {
      const g = gradient[i]!;
      m![i] = beta1 * m![i]! + (1 - beta1) * g;
      u![i] = Math.max(beta2 * u![i]!, Math.abs(g) + epsilon);
      // With epsilon 0 and no gradient yet both are 0, and the parameter stays.
      out[i] = u![i] === 0 ? p[i]! : p[i]! - scale * m![i]! / u![i]!;
    }
  });
}
