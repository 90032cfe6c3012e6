import { makeOptimizer, type Optimizer } from "./optimizer.ts";
import { checkRange } from "./options.ts";
import type { Schedule } from "../schedules.ts";

/** Options of {@linkcode adam} and {@linkcode adamW}. */
export interface AdamOptions {
  /** 0.001 by default. */
  readonly learningRate?: number | Schedule;
  /** How slowly the mean of the gradient changes; 0.9 by default. */
  readonly beta1?: number;
  /** How slowly the mean of its square changes; 0.999 by default. */
  readonly beta2?: number;
  /** Added to the root of the mean square; 1e-8 by default. */
  readonly epsilon?: number;
  /**
   * How strongly parameters are drawn to 0. `adam` adds it, times the parameter, to the gradient (0 by
   * default); `adamW` shrinks the parameter by this share of the learning rate (0.01 by default).
   */
  readonly weightDecay?: number;
  /** Divides by the largest mean square so far (Reddi et al. 2018); false by default. */
  readonly amsgrad?: boolean;
}

/**
 * Adam (Kingma and Ba 2015): `m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2;
 * p -= lr / (1 - b1^t) * m / (sqrt(v / (1 - b2^t)) + eps)`.
 *
 * @param options Learning rate, decay rates of the two means, weight decay
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
  return makeAdam("adam", options, options.weightDecay ?? 0, 0);
}

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter 2019): `p *= 1 - lr * weightDecay` before each
 * step of {@linkcode adam}.
 *
 * @param options Learning rate, decay rates of the two means, weight decay
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
  return makeAdam("adamW", options, 0, options.weightDecay ?? 0.01);
}

/** The loop of both: `coupled` decay goes into the gradient, `decoupled` into the parameter. */
function makeAdam(
  name: string,
  { learningRate = 0.001, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, amsgrad = false }: AdamOptions,
  coupled: number,
  decoupled: number,
): Optimizer {
  checkRange(name, "beta1", beta1, 0, 1);
  checkRange(name, "beta2", beta2, 0, 1);
  checkRange(name, "epsilon", epsilon, 0, Infinity);
  checkRange(name, "weightDecay", coupled + decoupled, 0, Infinity);
  const starts = amsgrad ? [0, 0, 0] : [0, 0];
  return makeOptimizer(name, learningRate, starts, (out, p, gradient, [m, v, largest], rate, step) => {
    const scale = rate / (1 - beta1 ** step);
    const correction = Math.sqrt(1 - beta2 ** step);
    const kept = 1 - rate * decoupled;
    for (let i = 0; i < out.length; i++) {
      const g = gradient[i]! + coupled * p[i]!;
      m![i] = beta1 * m![i]! + (1 - beta1) * g;
      v![i] = beta2 * v![i]! + (1 - beta2) * g * g;
      let square = v![i]!;
      if (largest !== undefined) square = largest[i] = Math.max(largest[i]!, square);
      out[i] = p[i]! * kept - scale * m![i]! / (Math.sqrt(square) / correction + epsilon);
    }
  });
}
