import { makeOptimizer, type Optimizer } from "./optimizer.ts";
import { checkRange } from "./options.ts";
import type { Schedule } from "../schedules.ts";

/** Options of {@linkcode adadelta}. */
export interface AdadeltaOptions {
  /** 1 by default. */
  readonly learningRate?: number | Schedule;
  /** How slowly both mean squares change; 0.9 by default. */
  readonly decay?: number;
  /** Added under both roots; 1e-6 by default. */
  readonly epsilon?: number;
  /** Added to the gradient, times the parameter; 0 by default. */
  readonly weightDecay?: number;
}

/**
 * Adadelta (Zeiler 2012): `v = d v + (1 - d) g^2; s = sqrt(u + eps) / sqrt(v + eps) * g;
 * u = d u + (1 - d) s^2; p -= lr * s`.
 *
 * @param options Learning rate, decay of the mean squares, weight decay
 * @throws {RangeError} If an option is out of range
 *
 * @example
 * ```ts
 * import { constant } from "@tapegrad/tapegrad";
 * import { adadelta } from "@tapegrad/tapegrad/optim";
 *
 * const optimizer = adadelta();
 * const p = [constant(1)];
 * const { parameters } = optimizer.update([constant(1)], optimizer.init(p), p);
 * console.log(parameters[0]!.item() < 1); // true
 * ```
 */
export function adadelta(
  { learningRate = 1, decay = 0.9, epsilon = 1e-6, weightDecay = 0 }: AdadeltaOptions = {},
): Optimizer {
  checkRange("adadelta", "decay", decay, 0, 1);
  checkRange("adadelta", "epsilon", epsilon, 0, Infinity);
  checkRange("adadelta", "weightDecay", weightDecay, 0, Infinity);
  return makeOptimizer("adadelta", learningRate, [0, 0], (out, p, gradient, [v, u], rate) => {
    for (let i = 0; i < out.length; i++) {
      const g = gradient[i]! + weightDecay * p[i]!;
      v![i] = decay * v![i]! + (1 - decay) * g * g;
      const step = Math.sqrt(u![i]! + epsilon) / Math.sqrt(v![i]! + epsilon) * g;
      u![i] = decay * u![i]! + (1 - decay) * step * step;
      out[i] = p[i]! - rate * step;
    }
  });
}
