import { checkRange, checkSteps } from "./optimizers/options.ts";

/** The learning rate at a step; steps are counted from 0. */
export type Schedule = (step: number) => number;

/**
 * Multiplies the learning rate by a factor every so many steps: `rate * factor^floor(step / every)`.
 *
 * @param rate The learning rate at step 0
 * @param options.every The number of steps between two drops
 * @param options.factor What it is multiplied by, 0.5 by default
 * @throws {RangeError} If a number is out of range
 *
 * @example
 * ```ts
 * import { sgd, stepDecay } from "@tapegrad/tapegrad/optim";
 *
 * const schedule = stepDecay(0.5, { every: 10 });
 * console.log([9, 10, 20].map(schedule)); // [0.5, 0.25, 0.125]
 * sgd({ learningRate: schedule });
 * ```
 */
export function stepDecay(
  rate: number,
  { every, factor = 0.5 }: { readonly every: number; readonly factor?: number },
): Schedule {
  checkRange("stepDecay", "rate", rate, 0, Infinity);
  checkRange("stepDecay", "factor", factor, 0, Infinity);
  checkSteps("stepDecay", "every", every);
  return (step) => rate * factor ** Math.floor(step / every);
}

/**
 * Multiplies the learning rate by the same factor at each step: `rate * factor^step`.
 *
 * @param rate The learning rate at step 0
 * @param options.factor What it is multiplied by
 * @throws {RangeError} If a number is out of range
 *
 * @example
 * ```ts
 * import { exponentialDecay } from "@tapegrad/tapegrad/optim";
 *
 * console.log([0, 1, 2].map(exponentialDecay(1, { factor: 0.5 }))); // [1, 0.5, 0.25]
 * ```
 */
export function exponentialDecay(rate: number, { factor }: { readonly factor: number }): Schedule {
  checkRange("exponentialDecay", "rate", rate, 0, Infinity);
  checkRange("exponentialDecay", "factor", factor, 0, Infinity);
  return (step) => rate * factor ** step;
}

/**
 * Lowers the learning rate in even steps to a minimum, where it stays.
 *
 * @param rate The learning rate at step 0
 * @param options.steps The number of steps to the minimum
 * @param options.minimum 0 by default
 * @throws {RangeError} If a number is out of range
 *
 * @example
 * ```ts
 * import { linearDecay } from "@tapegrad/tapegrad/optim";
 *
 * console.log([0, 1, 2, 9].map(linearDecay(1, { steps: 2 }))); // [1, 0.5, 0, 0]
 * ```
 */
export function linearDecay(
  rate: number,
  { steps, minimum = 0 }: { readonly steps: number; readonly minimum?: number },
): Schedule {
  checkRange("linearDecay", "rate", rate, 0, Infinity);
  checkRange("linearDecay", "minimum", minimum, 0, Infinity);
  checkSteps("linearDecay", "steps", steps);
  return (step) => rate + (minimum - rate) * Math.min(step, steps) / steps;
}

/**
 * Lowers the learning rate along half a cosine, `minimum + (rate - minimum) (1 + cos(pi step / steps)) / 2`,
 * and stays at the minimum (Loshchilov and Hutter 2017, equation 5).
 *
 * @param rate The learning rate at step 0
 * @param options.steps The number of steps to the minimum
 * @param options.minimum 0 by default
 * @throws {RangeError} If a number is out of range
 *
 * @example
 * ```ts
 * import { cosineDecay } from "@tapegrad/tapegrad/optim";
 *
 * const schedule = cosineDecay(1, { steps: 10 });
 * console.log([0, 5, 10, 99].map((step) => schedule(step).toFixed(2))); // ["1.00", "0.50", "0.00", "0.00"]
 * ```
 */
export function cosineDecay(
  rate: number,
  { steps, minimum = 0 }: { readonly steps: number; readonly minimum?: number },
): Schedule {
  checkRange("cosineDecay", "rate", rate, 0, Infinity);
  checkRange("cosineDecay", "minimum", minimum, 0, Infinity);
  checkSteps("cosineDecay", "steps", steps);
  return (step) => halfCosine(rate, minimum, Math.min(step, steps) / steps);
}

/**
 * Lowers the learning rate along half a cosine again and again, each time over longer (Loshchilov and
 * Hutter 2017).
 *
 * @param rate The learning rate at each restart
 * @param options.steps The number of steps before the first restart
 * @param options.factor How many times longer each stretch is than the one before, 1 by default
 * @param options.minimum 0 by default
 * @throws {RangeError} If a number is out of range
 *
 * @example
 * ```ts
 * import { cosineRestarts } from "@tapegrad/tapegrad/optim";
 *
 * console.log([0, 4, 12].map(cosineRestarts(1, { steps: 4, factor: 2 }))); // [1, 1, 1]
 * ```
 */
export function cosineRestarts(
  rate: number,
  { steps, factor = 1, minimum = 0 }: {
    readonly steps: number;
    readonly factor?: number;
    readonly minimum?: number;
  },
): Schedule {
  checkRange("cosineRestarts", "rate", rate, 0, Infinity);
  checkRange("cosineRestarts", "minimum", minimum, 0, Infinity);
  checkRange("cosineRestarts", "factor", factor, 1, Infinity);
  checkSteps("cosineRestarts", "steps", steps);
  return (step) => {
    if (factor === 1) return halfCosine(rate, minimum, step % steps / steps);
    let since = step;
    let length = steps;
    while (since >= length) {
      since -= length;
      length *= factor;
    }
    return halfCosine(rate, minimum, since / length);
  };
}

/**
 * Raises the learning rate in even steps to that of another schedule, which starts afterwards.
 *
 * @param then A learning rate, or a schedule whose step 0 comes when the warm-up is over
 * @param options.steps How many steps the warm-up takes
 * @param options.from The share of the learning rate at step 0, 0 by default
 * @throws {RangeError} If a number is out of range
 *
 * @example
 * ```ts
 * import { warmup } from "@tapegrad/tapegrad/optim";
 *
 * console.log([0, 1, 2, 4, 9].map(warmup(1, { steps: 4 }))); // [0, 0.25, 0.5, 1, 1]
 * ```
 */
export function warmup(
  then: number | Schedule,
  { steps, from = 0 }: { readonly steps: number; readonly from?: number },
): Schedule {
  const schedule = typeof then === "function" ? then : constantRate(then);
  checkRange("warmup", "from", from, 0, Infinity);
  checkSteps("warmup", "steps", steps);
  const peak = schedule(0);
  return (step) => step < steps ? peak * (from + (1 - from) * step / steps) : schedule(step - steps);
}

/**
 * The same learning rate at every step.
 *
 * @param rate The learning rate
 * @throws {RangeError} If it is negative, infinite or NaN
 *
 * @example
 * ```ts
 * import { constantRate } from "@tapegrad/tapegrad/optim";
 *
 * console.log([0, 100].map(constantRate(0.1))); // [0.1, 0.1]
 * ```
 */
export function constantRate(rate: number): Schedule {
  checkRange("constantRate", "rate", rate, 0, Infinity);
  return () => rate;
}

/**
 * Runs schedules one after the other, each counting its steps from 0.
 *
 * @param parts Learning rates or schedules, each with the number of steps it is used for; the last one
 *   goes on for ever
 * @throws {RangeError} If there is none, or a number is out of range
 *
 * @example
 * ```ts
 * import { exponentialDecay, sequence } from "@tapegrad/tapegrad/optim";
 *
 * const schedule = sequence([[0.25, 2], [exponentialDecay(1, { factor: 0.5 }), 5]]);
 * console.log([0, 1, 2, 3].map(schedule)); // [0.25, 0.25, 1, 0.5]
 * ```
 */
export function sequence(parts: readonly (readonly [number | Schedule, number])[]): Schedule {
  if (parts.length === 0) throw new RangeError("Cannot make sequence: there are 0 parts, use one or more");
  const list = parts.map(([part, steps]) => {
    checkSteps("sequence", "steps", steps);
    return { schedule: typeof part === "function" ? part : constantRate(part), steps };
  });
  return (step) => {
    let since = step;
    let i = 0;
    for (; i < list.length - 1 && since >= list[i]!.steps; i++) since -= list[i]!.steps;
    return list[i]!.schedule(since);
  };
}

/** From `high` at share 0 to `low` at share 1. */
function halfCosine(high: number, low: number, share: number): number {
  return low + (high - low) * (1 + Math.cos(Math.PI * share)) / 2;
}
