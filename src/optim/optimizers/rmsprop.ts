import { makeOptimizer, type Optimizer } from "./optimizer.ts";
import { checkRange } from "./options.ts";
import type { Schedule } from "../schedules.ts";

/** Options of {@linkcode rmsprop}. */
export interface RmspropOptions {
  /** 0.01 by default. */
  readonly learningRate?: number | Schedule;
  /** How slowly the mean square of the gradient changes; 0.99 by default. */
  readonly decay?: number;
  /** Added to the root of the mean square; 1e-8 by default. */
  readonly epsilon?: number;
  /** 0 by default. */
  readonly momentum?: number;
  /** Whether the square of the mean gradient is taken off the mean square; false by default. */
  readonly centered?: boolean;
  /** Added to the gradient, times the parameter; 0 by default. */
  readonly weightDecay?: number;
}

/**
 * RMSProp (Hinton 2012): `v = d v + (1 - d) g^2; p -= lr * g / (sqrt(v) + eps)`; centered, `v - mean(g)^2`
 * stands for v (Graves 2013); with momentum, `b = m b + g / (sqrt(v) + eps); p -= lr * b`.
 *
 * @param options Learning rate, decay of the mean square, momentum, weight decay
 * @throws {RangeError} If an option is out of range
 *
 * @example
 * ```ts
 * import { constant } from "@tapegrad/tapegrad";
 * import { rmsprop } from "@tapegrad/tapegrad/optim";
 *
 * const optimizer = rmsprop({ learningRate: 0.1, decay: 0.75 });
 * const p = [constant(1)];
 * const { parameters } = optimizer.update([constant(3)], optimizer.init(p), p);
 * console.log(parameters[0]!.item().toFixed(6)); // 0.800000
 * ```
 */
export function rmsprop(
  {
    learningRate = 0.01,
    decay = 0.99,
    epsilon = 1e-8,
    momentum = 0,
    centered = false,
    weightDecay = 0,
  }: RmspropOptions = {},
): Optimizer {
  checkRange("rmsprop", "decay", decay, 0, 1);
  checkRange("rmsprop", "epsilon", epsilon, 0, Infinity);
  checkRange("rmsprop", "momentum", momentum, 0, 1);
  checkRange("rmsprop", "weightDecay", weightDecay, 0, Infinity);
  return makeOptimizer("rmsprop", learningRate, [0, 0, 0], (out, p, gradient, [v, average, buffer], rate) => {
    for (let i = 0; i < out.length; i++) {
      const g = gradient[i]! + weightDecay * p[i]!;
      v![i] = decay * v![i]! + (1 - decay) * g * g;
      let square = v![i]!;
      if (centered) {
        const mean = average![i] = decay * average![i]! + (1 - decay) * g;
        square = Math.max(0, square - mean * mean); // rounding may bring it below 0
      }
      const direction = g / (Math.sqrt(square) + epsilon);
      buffer![i] = momentum * buffer![i]! + direction;
      out[i] = p[i]! - rate * buffer![i]!;
    }
  });
}
