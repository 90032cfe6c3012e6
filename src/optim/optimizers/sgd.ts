import { describeValue } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import { readOptions } from "../../_internal/readers/mod.ts";
import { makeOptimizer } from "./make_optimizer.ts";
import type { Optimizer } from "./optimizer.ts";
import { checkRange, COMMON_DEFAULTS, type OptimizerOptions } from "./options.ts";

/** Options of {@linkcode sgd}; its learning rate is 0.01 by default. */
export interface SgdOptions extends OptimizerOptions {
  /** 0 by default. */
  readonly momentum?: number;
  /** How much of a new gradient the momentum leaves out, after the first step; 0 by default. */
  readonly dampening?: number;
  /** Nesterov's form of momentum; false by default. */
  readonly nesterov?: boolean;
}

/**
 * Stochastic gradient descent: `p -= lr * g`; with momentum `v = m v + (1 - dampening) g` from `v = g` on
 * and `p -= lr * v`, in Nesterov's form `p -= lr * (g + m v)` (Sutskever et al. 2013).
 *
 * @param options Learning rate, momentum, weight decay, clipping
 * @throws {TypeError} If an option is unknown
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
export function sgd(given: SgdOptions = {}): Optimizer {
  const options = readOptions<SgdOptions, typeof DEFAULTS>("sgd", given, DEFAULTS);
  const { momentum, dampening, nesterov } = options;
  checkRange("sgd", "momentum", momentum, 0, 1);
  if (typeof dampening !== "number" || !(dampening >= 0 && dampening <= 1)) {
    const Kind = typeof dampening === "number" ? RangeError : TypeError;
    throw new Kind(message`Cannot make sgd: dampening is ${describeValue(dampening)}, use 0 to 1`);
  }
  if (nesterov && (momentum === 0 || dampening !== 0)) {
    throw new RangeError(
      message`Cannot make sgd: nesterov needs momentum above 0 and no dampening, momentum
      is ${momentum} and dampening ${dampening}`,
    );
  }
  if (momentum === 0) {
    return makeOptimizer("sgd", options, {
      slots: [],
      update: (p, g, _, { rate }) => [p.sub(g.mul(rate)), {}],
    });
  }
  return makeOptimizer("sgd", options, {
    slots: ["velocity"],
    scalars: (step) => ({ share: step.gt(1).mul(-dampening).add(1) }),
    update: (p, g, slots, { rate, share }) => {
      const velocity = slots.velocity.mul(momentum).add(dampening === 0 ? g : g.mul(share));
      const direction = nesterov ? velocity.mul(momentum).add(g) : velocity;
      return [p.sub(direction.mul(rate)), { velocity }];
    },
  });
}

const DEFAULTS = {
  ...COMMON_DEFAULTS,
  learningRate: 0.01,
  momentum: 0,
  dampening: 0,
  nesterov: false,
};
