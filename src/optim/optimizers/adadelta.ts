import { readOptions } from "../../_internal/readers/mod.ts";
import { moving } from "./adam.ts";
import { makeOptimizer } from "./make_optimizer.ts";
import type { Optimizer } from "./optimizer.ts";
import { checkRange, COMMON_DEFAULTS, oneOfTwo, type OptimizerOptions } from "./options.ts";
import { root } from "./root.ts";

/** Options of {@linkcode adadelta}; its learning rate is 0.001 by default, and 1 in the paper. */
export interface AdadeltaOptions extends OptimizerOptions {
  /** How slowly both mean squares change; 0.95 by default. */
  readonly rho?: number;
  /** Another name of `rho`. */
  readonly decay?: number;
  /** Added under both roots; 1e-7 by default. */
  readonly epsilon?: number;
}

/**
 * Adadelta (Zeiler 2012): `v = rho v + (1 - rho) g^2; s = sqrt(u + eps) / sqrt(v + eps) * g;
 * u = rho u + (1 - rho) s^2; p -= lr * s`.
 *
 * @param options Learning rate, decay of the mean squares, weight decay, clipping
 * @throws {TypeError} If an option is unknown
 * @throws {RangeError} If an option is out of range
 *
 * @example
 * ```ts
 * import { constant } from "@tapegrad/tapegrad";
 * import { adadelta } from "@tapegrad/tapegrad/optim";
 *
 * const optimizer = adadelta({ learningRate: 1 });
 * const p = [constant(1)];
 * const { parameters } = optimizer.update([constant(1)], optimizer.init(p), p);
 * console.log(parameters[0]!.item() < 1); // true
 * ```
 */
export function adadelta(given: AdadeltaOptions = {}): Optimizer {
  const options = readOptions<AdadeltaOptions, typeof DEFAULTS>("adadelta", given, DEFAULTS);
  const { epsilon } = options;
  const rho = oneOfTwo("adadelta", options, "rho", "decay", 0.95);
  checkRange("adadelta", "epsilon", epsilon, 0, Infinity);
  return makeOptimizer("adadelta", options, {
    slots: ["v", "u"],
    update: (p, g, slots, { rate }) => {
      const v = moving(slots.v, g.square(), rho);
      const step = root(slots.u.add(epsilon)).div(root(v.add(epsilon))).mul(g);
      return [p.sub(step.mul(rate)), { v, u: moving(slots.u, step.square(), rho) }];
    },
  });
}

const DEFAULTS = { ...COMMON_DEFAULTS, rho: undefined, decay: undefined, epsilon: 1e-7 };
