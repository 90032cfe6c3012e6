import { showAs } from "../../_internal/show.ts";
import { message } from "../../_internal/message.ts";
import { describeValue } from "../../_internal/format.ts";
import { checkOptions, readFunction } from "../../_internal/readers/mod.ts";

/** Why a search stopped; the first three mean that it has converged. */
export type StopReason =
  | "gradient within tolerance"
  | "change of value within tolerance"
  | "step within tolerance"
  | "no lower value found along the search direction"
  | "maximal number of iterations reached"
  | "stopped by callback";

/** One iteration of a search. */
export interface Iteration {
  /** Counted from 1; 0 is the start. */
  readonly iteration: number;
  /** The value of the function; for least squares, half the sum of squares. */
  readonly value: number;
  /** The largest absolute value in the gradient. */
  readonly gradientNorm: number;
  /** The Euclidean length of the step that was taken, 0 at the start. */
  readonly step: number;
}

/** Iterations, which `console.log` counts instead of writing each. */
class Iterations extends Array<Iteration> {
  /** What is made of them is a plain array. */
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }
}

showAs(Iterations.prototype, (all) => {
  const [first, last] = [all[0]?.value ?? NaN, all.at(-1)?.value ?? NaN];
  return `[ ${all.length} entries, value ${first} to ${last} ]`;
});

/** What a callback is told after each iteration. */
export interface Progress<X> extends Iteration {
  /** The point, in the form of the start. */
  readonly x: X;
}

/** How a search went. */
export interface SearchSummary {
  /** How many steps were taken. */
  readonly iterations: number;
  /** Whether one of the tolerances is met. */
  readonly converged: boolean;
  /** Why the search stopped. */
  readonly reason: StopReason;
  /** The start and each iteration. */
  readonly history: readonly Iteration[];
}

/** When a search ends. */
export interface StopOptions<X = unknown> {
  /** How many iterations it may take. */
  readonly maxIterations?: number;
  /** How small the gradient must be. */
  readonly gradientTolerance?: number;
  /** How small a change of the value, relative to the value. */
  readonly valueTolerance?: number;
  /** How small a step, relative to the point. */
  readonly stepTolerance?: number;
  /** Called after each iteration; stops the search if it returns true. */
  readonly callback?: (progress: Progress<X>) => boolean | void;
}

/** The limits of a search, with defaults filled in. */
export type Limits = Required<Omit<StopOptions, "callback">>;

/**
 * Fills in the limits of a search.
 *
 * @param name The function the user called, for messages
 * @param others The names of options beside the limits and the callback
 * @throws {TypeError} If what is to be searched is no function, or an option is unknown
 * @throws {RangeError} If a tolerance is negative, infinite or NaN, or the number of iterations no integer
 */
export function readLimits(
  name: string,
  f: unknown,
  options: StopOptions,
  defaults: Limits,
  others: readonly string[] = [],
): Limits {
  if (typeof f !== "function") {
    throw new TypeError(message`Cannot run ${name}() on ${describeValue(f)}: it takes a function`);
  }
  checkOptions(name, options, [...Object.keys(defaults), "callback", ...others]);
  if (options.callback !== undefined) readFunction(name, "the option callback", options.callback);
  const { maxIterations = defaults.maxIterations } = options;
  if (!Number.isInteger(maxIterations) || maxIterations < 0) {
    const Kind = typeof maxIterations === "number" ? RangeError : TypeError;
    throw new Kind(
      message`Cannot run ${name}(): maxIterations is ${describeValue(maxIterations)}, use an integer
      from 0 up`,
    );
  }
  const tolerance = (what: "gradientTolerance" | "valueTolerance" | "stepTolerance"): number => {
    const value: unknown = options[what] === undefined ? defaults[what] : options[what];
    if (typeof value === "number" && value >= 0 && value < Infinity) return value;
    const Kind = typeof value === "number" ? RangeError : TypeError;
    throw new Kind(message`Cannot run ${name}(): ${what} is ${describeValue(value)}, use 0 or more, finite`);
  };
  return {
    maxIterations,
    gradientTolerance: tolerance("gradientTolerance"),
    valueTolerance: tolerance("valueTolerance"),
    stepTolerance: tolerance("stepTolerance"),
  };
}

/** Keeps the iterations of a search, and asks the callback after each. */
export class Journal {
  /** The iterations so far. */
  readonly history: Iteration[] = new Iterations();
  readonly #callback: StopOptions<never>["callback"];
  readonly #restore: (x: Float64Array) => unknown;

  /** Starts with no iterations. */
  constructor(callback: StopOptions<never>["callback"], restore: (x: Float64Array) => unknown) {
    this.#callback = callback;
    this.#restore = restore;
  }

  /** Adds an iteration; true if the callback wants to stop. The start is not told to the callback. */
  add(iteration: Iteration, x: Float64Array): boolean {
    this.history.push(iteration);
    if (iteration.iteration === 0 || this.#callback === undefined) return false;
    return this.#callback({ ...iteration, x: this.#restore(x) as never }) === true;
  }

  /** What the result says of a search that stopped for this reason. */
  summarize(reason: StopReason): SearchSummary {
    return {
      iterations: this.history.length - 1,
      converged: reason.endsWith("within tolerance"),
      reason,
      history: this.history,
    };
  }
}
