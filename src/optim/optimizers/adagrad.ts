import { makeOptimizer, type Optimizer } from "./optimizer.ts";
import { checkRange } from "./options.ts";
import type { Schedule } from "../schedules.ts";

/** Options of {@linkcode adagrad}. */
export interface AdagradOptions {
  /** 0.01 by default. */
  readonly learningRate?: number | Schedule;
  /** The learning rate of step t (from 0) is divided by `1 + t * learningRateDecay`; 0 by default. */
  readonly learningRateDecay?: number;
  /** What the sum of squares starts at; 0 by default. */
  readonly initialAccumulator?: number;
  /** Added to the root of the sum of squares; 1e-10 by default. */
  readonly epsilon?: number;
  /** Added to the gradient, times the parameter; 0 by default. */
  readonly weightDecay?: number;
}

/**
 * Adagrad (Duchi, Hazan and Singer 2011): `s += g^2; p -= lr * g / (sqrt(s) + eps)`.
 *
 * @param options Learning rate and its decay, start of the sum of squares, weight decay
 * @throws {RangeError} If an option is out of range
 *
 * @example
 * ```ts
 * import { constant } from "@tapegrad/tapegrad";
 * import { adagrad } from "@tapegrad/tapegrad/optim";
 *
 * const optimizer = adagrad({ learningRate: 0.5 });
 * const p = [constant(1)];
 * const { parameters } = optimizer.update([constant(4)], optimizer.init(p), p);
 * console.log(parameters[0]!.item().toFixed(6)); // 0.500000
 * ```
 */
export function adagrad(
  {
    learningRate = 0.01,
    learningRateDecay = 0,
    initialAccumulator = 0,
    epsilon = 1e-10,
    weightDecay = 0,
  }: AdagradOptions = {},
): Optimizer {
  checkRange("adagrad", "learningRateDecay", learningRateDecay, 0, Infinity);
  checkRange("adagrad", "initialAccumulator", initialAccumulator, 0, Infinity);
  checkRange("adagrad", "epsilon", epsilon, 0, Infinity);
  checkRange("adagrad", "weightDecay", weightDecay, 0, Infinity);
  return makeOptimizer("adagrad", learningRate, [initialAccumulator], (out, p, gradient, [s], rate, step) => {
    const scale = rate / (1 + (step - 1) * learningRateDecay);
    for (let i = 0; i < out.length; i++) {
      const g = gradient[i]! + weightDecay * p[i]!;
      s![i] = s![i]! + g * g;
      out[i] = p[i]! - scale * g / (Math.sqrt(s![i]!) + epsilon);
    }
  });
}
