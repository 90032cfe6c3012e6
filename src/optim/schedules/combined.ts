import { readChoice, readList, readOptions } from "../../_internal/readers/mod.ts";
import { constant, type Variable } from "../../variable/mod.ts";
import { checkPositive, checkRange, checkSteps } from "../optimizers/options.ts";
import { makeSchedule, type NumberSchedule, readSchedule, type Schedule } from "./schedule.ts";

/** Options of {@linkcode warmup}. */
export interface WarmupOptions {
  /** How many steps the warm-up takes. */
  readonly steps: number;
  /** The share of the learning rate at step 0, 0 by default. */
  readonly from?: number;
}

/**
 * Raises the learning rate in even steps to that of another schedule, which starts afterwards.
 *
 * @param then A learning rate, or a schedule whose step 0 comes when the warm-up is over
 * @param options How many steps the warm-up takes, and where it starts
 * @throws {TypeError} If an option is unknown
 * @throws {RangeError} If a number is out of range
 *
 * @example
 * ```ts
 * import { warmup } from "@tapegrad/tapegrad/optim";
 *
 * console.log([0, 1, 2, 4, 9].map(warmup(1, { steps: 4 }))); // [0, 0.25, 0.5, 1, 1]
 * ```
 */
export function warmup(then: number | Schedule, options: WarmupOptions): NumberSchedule {
  const schedule = readSchedule("warmup", "rate", then);
  const defaults = { steps: undefined, from: 0 };
  const { steps, from } = readOptions<WarmupOptions, typeof defaults>("warmup", options, defaults);
  checkRange("warmup", "from", from, 0, Infinity);
  checkSteps("warmup", "steps", steps);
  return makeSchedule((step) => {
    const share = step.mul(1 - from).div(steps).add(from);
    const rising = schedule(constant(0)).mul(share);
    return step.lt(steps).where(rising, schedule(step.sub(steps).maximum(0)));
  });
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
export function sequence(parts: readonly (readonly [number | Schedule, number])[]): NumberSchedule {
  readList("sequence", "the list of parts", parts);
  let start = 0;
  const list = parts.map((entry) => {
    const [part, steps] = readList("sequence", "a part", entry, 2) as readonly [number | Schedule, number];
    const schedule = readSchedule("sequence", "rate", part);
    const begin = start;
    start += checkSteps("sequence", "steps", steps);
    return { schedule, begin };
  });
  const [first, ...others] = list;
  if (first === undefined) throw new RangeError("Cannot make sequence: there are 0 parts, use one or more");
  return makeSchedule((step) =>
    others.reduce(
      (rate, { schedule, begin }) => step.ge(begin).where(schedule(step.sub(begin).maximum(0)), rate),
      first.schedule(step),
    )
  );
}

/** Options of {@linkcode cyclic}. */
export interface CyclicOptions {
  /** The highest learning rate. */
  readonly maximum: number;
  /** The number of steps from the lowest to the highest, 2000 by default. */
  readonly up?: number;
  /** The number of steps back, as many by default. */
  readonly down?: number;
  /** `"triangular"` by default; `"triangular2"` halves the height each cycle. */
  readonly mode?: "triangular" | "triangular2" | "exponential";
  /** In the exponential mode, what the height is multiplied by at each step, 1 by default. */
  readonly factor?: number;
}

/**
 * Moves the learning rate up and down between two bounds (Smith 2017).
 *
 * @param rate The lowest learning rate
 * @param options The highest learning rate, the steps up and down, and how the height falls
 * @throws {TypeError} If an option is unknown
 * @throws {RangeError} If a number is out of range
 *
 * @example
 * ```ts
 * import { cyclic } from "@tapegrad/tapegrad/optim";
 *
 * console.log([0, 1, 2, 3, 4].map(cyclic(0, { maximum: 1, up: 2 }))); // [0, 0.5, 1, 0.5, 0]
 * ```
 */
export function cyclic(rate: number, options: CyclicOptions): NumberSchedule {
  const defaults = {
    maximum: undefined,
    up: 2000,
    down: undefined,
    mode: "triangular",
    factor: 1,
  } as const;
  const { maximum, up, down = up, mode, factor } = readOptions<CyclicOptions, typeof defaults>(
    "cyclic",
    options,
    defaults,
  );
  checkRange("cyclic", "rate", rate, 0, Infinity);
  checkRange("cyclic", "maximum", maximum, 0, Infinity);
  checkSteps("cyclic", "up", up);
  checkSteps("cyclic", "down", down);
  checkPositive("cyclic", "factor", factor);
  const modes = ["triangular", "triangular2", "exponential"] as const;
  const chosen = readChoice("cyclic", "the option mode", mode, modes);
  return makeSchedule((step) => {
    const cycles = step.div(up + down).floor();
    const since = step.sub(cycles.mul(up + down));
    const height = since.le(up).where(since.div(up), since.neg().add(up + down).div(down));
    return height.mul(maximum - rate).mul(heightOf(chosen, factor, step, cycles)).add(rate);
  });
}

/** What the height of a cycle is multiplied by. */
function heightOf(mode: CyclicOptions["mode"], factor: number, step: Variable, cycles: Variable): Variable {
  if (mode === "triangular") return constant(1);
  return mode === "triangular2" ? constant(0.5).pow(cycles) : constant(factor).pow(step);
}
