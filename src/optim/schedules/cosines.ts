import { readChoice, readOptions } from "../../_internal/readers/mod.ts";
import { constant, type Variable } from "../../variable/mod.ts";
import { checkPositive, checkRange, checkSteps } from "../optimizers/options.ts";
import { type LinearDecayOptions, readDecay } from "./decays.ts";
import { makeSchedule, type NumberSchedule } from "./schedule.ts";

/**
 * Lowers the learning rate along half a cosine, `minimum + (rate - minimum) (1 + cos(pi step / steps)) / 2`,
 * and stays at the minimum (Loshchilov and Hutter 2017, equation 5).
 *
 * @param rate The learning rate at step 0
 * @param options The number of steps to the minimum, and the minimum
 * @throws {TypeError} If an option is unknown
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
export function cosineDecay(rate: number, options: LinearDecayOptions): NumberSchedule {
  const { steps, minimum } = readDecay("cosineDecay", rate, options);
  return makeSchedule((step) => halfCosine(rate, minimum, step.minimum(steps).div(steps)));
}

/** Options of {@linkcode cosineRestarts}. */
export interface CosineRestartsOptions {
  /** The number of steps before the first restart. */
  readonly steps: number;
  /** How many times longer each stretch is than the one before, 1 by default. */
  readonly factor?: number;
  /** What the rate at a restart is multiplied by each time, 1 by default. */
  readonly decay?: number;
  /** 0 by default. */
  readonly minimum?: number;
}

/**
 * Lowers the learning rate along half a cosine again and again, each time over longer (Loshchilov and
 * Hutter 2017).
 *
 * @param rate The learning rate at the start
 * @param options The number of steps before the first restart, how stretches grow and rates fall, the minimum
 * @throws {TypeError} If an option is unknown
 * @throws {RangeError} If a number is out of range
 *
 * @example
 * ```ts
 * import { cosineRestarts } from "@tapegrad/tapegrad/optim";
 *
 * console.log([0, 4, 12].map(cosineRestarts(1, { steps: 4, factor: 2 }))); // [1, 1, 1]
 * ```
 */
export function cosineRestarts(rate: number, options: CosineRestartsOptions): NumberSchedule {
  const defaults = { steps: undefined, factor: 1, decay: 1, minimum: 0 };
  const { factor, decay, ...rest } = readOptions<CosineRestartsOptions, typeof defaults>(
    "cosineRestarts",
    options,
    defaults,
  );
  const { steps, minimum } = readDecay("cosineRestarts", rate, rest);
  checkRange("cosineRestarts", "factor", factor, 1, Infinity);
  checkRange("cosineRestarts", "decay", decay, 0, Infinity);
  return makeSchedule((step) => {
    const restarts = restartsUntil(step, steps, factor);
    const growth = constant(factor).pow(restarts);
    const since = step.sub(startAt(restarts, steps, factor));
    const high = constant(decay).pow(restarts).mul(rate - minimum).add(minimum);
    return halfCosine(decay === 1 ? rate : high, minimum, since.div(growth.mul(steps)));
  });
}

/** The step at which stretch n begins, each being `factor` times as long as the one before. */
function startAt(n: Variable, steps: number, factor: number): Variable {
  return factor === 1 ? n.mul(steps) : constant(factor).pow(n).sub(1).mul(steps / (factor - 1));
}

/** How many stretches are over at a step. */
function restartsUntil(step: Variable, steps: number, factor: number): Variable {
  if (factor === 1) return step.div(steps).floor();
  const about = step.mul((factor - 1) / steps).add(1).log().div(Math.log(factor)).floor().maximum(0);
  // At a restart the logarithm may be off by its rounding.
  const next = about.add(1);
  const tooFew = step.ge(startAt(next, steps, factor));
  const tooMany = step.lt(startAt(about, steps, factor));
  return tooFew.where(next, tooMany.where(about.sub(1), about));
}

/** Options of {@linkcode oneCycle}. */
export interface OneCycleOptions {
  /** The number of steps of the whole cycle. */
  readonly steps: number;
  /** The share of the steps in which the rate rises, 0.3 by default. */
  readonly rise?: number;
  /** The rate starts at the highest divided by this, 25 by default. */
  readonly startDivisor?: number;
  /** And ends at the start divided by this, 1e4 by default. */
  readonly endDivisor?: number;
  /** `"cosine"` by default. */
  readonly shape?: "cosine" | "linear";
  /** Whether the rate goes back to where it started in as many steps as it rose, before it falls on; false by default. */
  readonly threePhases?: boolean;
}

/**
 * Raises the learning rate to its highest and lowers it to almost nothing, once (Smith and Topin 2018).
 *
 * @param rate The highest learning rate
 * @param options The number of steps, the share of the rise, where the rate starts and ends, the shape
 * @throws {TypeError} If an option is unknown
 * @throws {RangeError} If a number is out of range
 *
 * @example
 * ```ts
 * import { oneCycle } from "@tapegrad/tapegrad/optim";
 *
 * const schedule = oneCycle(1, { steps: 11, rise: 0.6, shape: "linear", startDivisor: 2, endDivisor: 1e9 });
 * console.log([0, 5.6, 10].map((step) => schedule(step).toFixed(2))); // ["0.50", "1.00", "0.00"]
 * ```
 */
export function oneCycle(rate: number, options: OneCycleOptions): NumberSchedule {
  const defaults = {
    steps: undefined,
    rise: 0.3,
    startDivisor: 25,
    endDivisor: 1e4,
    shape: "cosine",
    threePhases: false,
  } as const;
  const { steps, rise, startDivisor, endDivisor, shape, threePhases } = readOptions<
    OneCycleOptions,
    typeof defaults
  >(
    "oneCycle",
    options,
    defaults,
  );
  checkRange("oneCycle", "rate", rate, 0, Infinity);
  checkSteps("oneCycle", "steps", steps);
  checkRange("oneCycle", "rise", rise, 0, 1);
  const start = rate / checkPositive("oneCycle", "startDivisor", startDivisor);
  const end = start / checkPositive("oneCycle", "endDivisor", endDivisor);
  const isLinear = readChoice("oneCycle", "the option shape", shape, ["cosine", "linear"]) === "linear";
  const between = (from: number, to: number, share: Variable): Variable =>
    isLinear ? share.mul(to - from).add(from) : halfCosine(from, to, share);
  const top = Math.max(0, rise * steps - 1);
  const back = Math.min(2 * top, steps - 1);
  const phases = [
    { from: 0, to: top, low: start, high: rate },
    ...(threePhases ? [{ from: top, to: back, low: rate, high: start }] : []),
    threePhases
      ? { from: back, to: steps - 1, low: start, high: end }
      : { from: top, to: steps - 1, low: rate, high: end },
  ];
  return makeSchedule((step) =>
    phases.map(({ from, to, low, high }) => {
      const share = to > from ? step.sub(from).div(to - from).clip(0, 1) : constant(1);
      return { to, value: between(low, high, share) };
    }).reduceRight((later, { to, value }) => ({ to, value: step.le(to).where(value, later.value) })).value
  );
}

/** From `high` at share 0 to `low` at share 1. */
function halfCosine(high: number | Variable, low: number, share: Variable): Variable {
  const height = typeof high === "number" ? high - low : high.sub(low);
  return share.mul(Math.PI).cos().add(1).div(2).mul(height).add(low);
}
