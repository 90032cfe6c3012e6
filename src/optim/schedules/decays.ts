import { message } from "../../_internal/message.ts";
import { readList, readOptions } from "../../_internal/readers/mod.ts";
import { constant, type Variable } from "../../variable/mod.ts";
import { checkPositive, checkRange, checkSteps } from "../optimizers/options.ts";
import { makeSchedule, type NumberSchedule } from "./schedule.ts";

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
export function constantRate(rate: number): NumberSchedule {
  checkRange("constantRate", "rate", rate, 0, Infinity);
  return makeSchedule(() => constant(rate));
}

/** Options of {@linkcode stepDecay}. */
export interface StepDecayOptions {
  /** The number of steps between two drops. */
  readonly every: number;
  /** What the learning rate is multiplied by, 0.5 by default. */
  readonly factor?: number;
}

/**
 * Multiplies the learning rate by a factor every so many steps: `rate * factor^floor(step / every)`.
 *
 * @param rate The learning rate at step 0
 * @param options The number of steps between two drops, and the factor
 * @throws {TypeError} If an option is unknown
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
export function stepDecay(rate: number, options: StepDecayOptions): NumberSchedule {
  const defaults = { every: undefined, factor: 0.5 };
  const { every, factor } = readOptions<StepDecayOptions, typeof defaults>("stepDecay", options, defaults);
  checkRange("stepDecay", "rate", rate, 0, Infinity);
  checkRange("stepDecay", "factor", factor, 0, Infinity);
  checkSteps("stepDecay", "every", every);
  return makeSchedule((step) => powers(factor, step.div(every).floor()).mul(rate));
}

/** Options of {@linkcode exponentialDecay}. */
export interface ExponentialDecayOptions {
  /** What the learning rate is multiplied by. */
  readonly factor: number;
  /** In how many steps it is multiplied once, 1 by default. */
  readonly every?: number;
}

/**
 * Multiplies the learning rate by the same factor at each step: `rate * factor^(step / every)`.
 *
 * @param rate The learning rate at step 0
 * @param options The factor, and in how many steps it is reached
 * @throws {TypeError} If an option is unknown
 * @throws {RangeError} If a number is out of range
 *
 * @example
 * ```ts
 * import { exponentialDecay } from "@tapegrad/tapegrad/optim";
 *
 * console.log([0, 1, 2].map(exponentialDecay(1, { factor: 0.5 }))); // [1, 0.5, 0.25]
 * ```
 */
export function exponentialDecay(rate: number, options: ExponentialDecayOptions): NumberSchedule {
  const defaults = { factor: undefined, every: 1 };
  const { factor, every } = readOptions<ExponentialDecayOptions, typeof defaults>(
    "exponentialDecay",
    options,
    defaults,
  );
  checkRange("exponentialDecay", "rate", rate, 0, Infinity);
  checkRange("exponentialDecay", "factor", factor, 0, Infinity);
  checkSteps("exponentialDecay", "every", every);
  return makeSchedule((step) => powers(factor, step.div(every)).mul(rate));
}

/** Options of {@linkcode inverseTimeDecay}. */
export interface InverseTimeDecayOptions {
  /** How fast the learning rate falls. */
  readonly factor: number;
  /** In how many steps the divisor grows by the factor, 1 by default. */
  readonly every?: number;
  /** Whether it grows at once after so many steps, instead of evenly; false by default. */
  readonly staircase?: boolean;
}

/**
 * Divides the learning rate by a number that grows evenly: `rate / (1 + factor * step / every)`.
 *
 * @param rate The learning rate at step 0
 * @param options The factor, and in how many steps the divisor grows by it
 * @throws {TypeError} If an option is unknown
 * @throws {RangeError} If a number is out of range
 *
 * @example
 * ```ts
 * import { inverseTimeDecay } from "@tapegrad/tapegrad/optim";
 *
 * console.log([0, 1, 3].map(inverseTimeDecay(1, { factor: 1 }))); // [1, 0.5, 0.25]
 * ```
 */
export function inverseTimeDecay(rate: number, options: InverseTimeDecayOptions): NumberSchedule {
  const defaults = { factor: undefined, every: 1, staircase: false };
  const { factor, every, staircase } = readOptions<InverseTimeDecayOptions, typeof defaults>(
    "inverseTimeDecay",
    options,
    defaults,
  );
  checkRange("inverseTimeDecay", "rate", rate, 0, Infinity);
  checkRange("inverseTimeDecay", "factor", factor, 0, Infinity);
  checkSteps("inverseTimeDecay", "every", every);
  return makeSchedule((step) => {
    const times = step.div(every);
    return (staircase ? times.floor() : times).mul(factor).add(1).reciprocal().mul(rate);
  });
}

/** Options of {@linkcode linearDecay}. */
export interface LinearDecayOptions {
  /** The number of steps to the minimum. */
  readonly steps: number;
  /** 0 by default. */
  readonly minimum?: number;
}

/**
 * Lowers the learning rate in even steps to a minimum, where it stays.
 *
 * @param rate The learning rate at step 0
 * @param options The number of steps to the minimum, and the minimum
 * @throws {TypeError} If an option is unknown
 * @throws {RangeError} If a number is out of range
 *
 * @example
 * ```ts
 * import { linearDecay } from "@tapegrad/tapegrad/optim";
 *
 * console.log([0, 1, 2, 9].map(linearDecay(1, { steps: 2 }))); // [1, 0.5, 0, 0]
 * ```
 */
export function linearDecay(rate: number, options: LinearDecayOptions): NumberSchedule {
  const { steps, minimum } = readDecay("linearDecay", rate, options);
  return makeSchedule((step) => step.minimum(steps).mul(minimum - rate).div(steps).add(rate));
}

/** Options of {@linkcode polynomialDecay}. */
export interface PolynomialDecayOptions extends LinearDecayOptions {
  /** The power of what is left of the steps, 1 by default. */
  readonly power?: number;
  /** Whether it starts again with twice, three times, … the steps instead of staying at the minimum. */
  readonly cycle?: boolean;
}

/**
 * Lowers the learning rate along a power to a minimum:
 * `minimum + (rate - minimum) * (1 - step / steps)^power`.
 *
 * @param rate The learning rate at step 0
 * @param options The number of steps to the minimum, the minimum, the power, and whether it cycles
 * @throws {TypeError} If an option is unknown
 * @throws {RangeError} If a number is out of range
 *
 * @example
 * ```ts
 * import { polynomialDecay } from "@tapegrad/tapegrad/optim";
 *
 * console.log([0, 1, 2, 9].map(polynomialDecay(1, { steps: 2, power: 2 }))); // [1, 0.25, 0, 0]
 * ```
 */
export function polynomialDecay(rate: number, options: PolynomialDecayOptions): NumberSchedule {
  const defaults = { steps: undefined, minimum: 0, power: 1, cycle: false };
  const { power, cycle, ...rest } = readOptions<PolynomialDecayOptions, typeof defaults>(
    "polynomialDecay",
    options,
    defaults,
  );
  const { steps, minimum } = readDecay("polynomialDecay", rate, rest);
  checkPositive("polynomialDecay", "power", power);
  return makeSchedule((step) => {
    const length = cycle ? step.div(steps).ceil().maximum(1).mul(steps) : constant(steps);
    const left = step.minimum(length).div(length).neg().add(1);
    return (power === 1 ? left : left.pow(power)).mul(rate - minimum).add(minimum);
  });
}

/** Options of {@linkcode piecewise}. */
export interface PiecewiseOptions {
  /** The steps after which the next rate holds, rising. */
  readonly boundaries: readonly number[];
  /** The rates, one more than boundaries; `rates[i]` holds up to and including step `boundaries[i]`. */
  readonly rates: readonly number[];
}

/**
 * Learning rates by stretches of steps, as Keras' PiecewiseConstantDecay.
 *
 * @param options The boundaries, and the rates between them
 * @throws {TypeError} If an option is unknown, or there is not one rate more than boundaries
 * @throws {RangeError} If a number is out of range, or the boundaries don't rise
 *
 * @example
 * ```ts
 * import { piecewise } from "@tapegrad/tapegrad/optim";
 *
 * console.log([0, 10, 11].map(piecewise({ boundaries: [10], rates: [1, 0.5] }))); // [1, 1, 0.5]
 * ```
 */
export function piecewise(options: PiecewiseOptions): NumberSchedule {
  const defaults = { boundaries: undefined, rates: undefined };
  const { boundaries, rates } = readOptions<PiecewiseOptions, typeof defaults>(
    "piecewise",
    options,
    defaults,
  );
  const [steps, values] = [
    readList("piecewise", "the option boundaries", boundaries),
    readList("piecewise", "the option rates", rates, 1),
  ];
  if (values.length !== steps.length + 1) {
    throw new TypeError(
      message`Cannot make piecewise: there are ${steps.length} boundaries and ${values.length} rates, use one rate
      more than boundaries`,
    );
  }
  for (const rate of values) checkRange("piecewise", "a rate", rate, 0, Infinity);
  steps.forEach((boundary, i) =>
    checkRange("piecewise", "a boundary", boundary, steps[i - 1] ?? 0, Infinity)
  );
  return makeSchedule((step) =>
    steps.reduce(
      (rate, boundary, i) => step.gt(boundary).where(values[i + 1]!, rate),
      constant(values[0]!),
    )
  );
}

/** Reads what decays to a minimum have in common. */
export function readDecay(
  name: string,
  rate: number,
  options: LinearDecayOptions,
): { steps: number; minimum: number } {
  const defaults = { steps: undefined, minimum: 0 };
  const { steps, minimum } = readOptions<LinearDecayOptions, typeof defaults>(name, options, defaults);
  checkRange(name, "rate", rate, 0, Infinity);
  checkRange(name, "minimum", minimum, 0, Infinity);
  return { steps: checkSteps(name, "steps", steps), minimum };
}

function powers(base: number, exponent: Variable): Variable {
  return constant(base).pow(exponent);
}
