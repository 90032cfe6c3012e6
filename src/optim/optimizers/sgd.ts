import { message } from "../../_internal/message.ts";
import { makeOptimizer, type Optimizer } from "./optimizer.ts";
import { checkRange } from "./options.ts";
import type { Schedule } from "../schedules.ts";

/** Options of {@linkcode sgd}. */
export interface SgdOptions {
  /** 0.01 by default. */
  readonly learningRate?: number | Schedule;
  /** 0 by default. */
  readonly momentum?: number;
  /** How much of a new gradient the momentum leaves out, after the first step; 0 by default. */
  readonly dampening?: number;
  /** Nesterov's form of momentum; false by default. */
  readonly nesterov?: boolean;
  /** Added to the gradient, times the parameter; 0 by default. */
  readonly weightDecay?: number;
}

/**
 * Stochastic gradient descent: `p -= lr * g`; with momentum `v = m v + (1 - dampening) g` from `v = g` on
 * and `p -= lr * v`, in Nesterov's form `p -= lr * (g + m v)` (Sutskever et al. 2013).
 *
 * @param options Learning rate, momentum and weight decay
 * @throws {RangeError} If an option is out of range, or nesterov is asked for without momentum or with
 *   dampening
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
  { learningRate = 0.01, momentum = 0, dampening = 0, nesterov = false, weightDecay = 0 }: SgdOptions = {},
): Optimizer {
  checkRange("sgd", "momentum", momentum, 0, 1);
  checkRange("sgd", "weightDecay", weightDecay, 0, Infinity);
  if (!(dampening >= 0 && dampening <= 1)) {
    throw new RangeError(message`Cannot make sgd: dampening is ${dampening}, use 0 to 1`);
  }
  if (nesterov && (momentum === 0 || dampening !== 0)) {
    throw new RangeError(
      message`Cannot make sgd: nesterov needs momentum above 0 and no dampening, momentum
      is ${momentum} and dampening ${dampening}`,
    );
  }
  return makeOptimizer(
    "sgd",
    learningRate,
    momentum > 0 ? [0] : [],
    (out, p, gradient, slots, rate, step) => {
      const velocity = slots[0];
      const share = step === 1 ? 1 : 1 - dampening;
      for (let i = 0; i < out.length; i++) {
        const g = gradient[i]! + weightDecay * p[i]!;
        if (velocity === undefined) {
          out[i] = p[i]! - rate * g;
          continue;
        }
        velocity[i] = momentum * velocity[i]! + share * g;
        out[i] = p[i]! - rate * (nesterov ? g + momentum * velocity[i]! : velocity[i]!);
      }
    },
  );
}
