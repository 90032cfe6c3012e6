import { message } from "../../_internal/message.ts";
import { describeValue } from "../../_internal/format.ts";
import { readBoolean, readList } from "../../_internal/readers/mod.ts";
import type { Schedule } from "../schedules/schedule.ts";

/** Options that every optimizer has. */
export interface OptimizerOptions {
  /**
   * A number, which then is the state's `rate` and can be changed there, or a function of the step (rank 0, from 0)
   * that is multiplied by it.
   */
  readonly learningRate?: number | Schedule;
  /** How strongly parameters are drawn to 0: added to the gradient, times the parameter; 0 by default. */
  readonly weightDecay?: number;
  /**
   * Whether weight decay shrinks the parameters by `learningRate * weightDecay` before the step, instead of going
   * through the gradient (Loshchilov and Hutter 2019); false by default.
   */
  readonly decoupledWeightDecay?: boolean;
  /** Parameters that do not decay: those whose path holds a text or matches a pattern, such as `/bias$/`. */
  readonly excludeFromWeightDecay?: readonly (string | RegExp)[];
  /** Brings each element of a gradient into `-clipValue` to `clipValue`. */
  readonly clipValue?: number;
  /** Shortens the gradient of each parameter to this norm where it is longer. */
  readonly clipNorm?: number;
  /** Shortens all gradients by one factor where their norm together is larger than this. */
  readonly globalClipNorm?: number;
}

/** The defaults of {@linkcode OptimizerOptions}. */
export const COMMON_DEFAULTS: {
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly decoupledWeightDecay: boolean;
  readonly excludeFromWeightDecay: readonly (string | RegExp)[];
  readonly clipValue: undefined;
  readonly clipNorm: undefined;
  readonly globalClipNorm: undefined;
} = {
  learningRate: 0.001,
  weightDecay: 0,
  decoupledWeightDecay: false,
  excludeFromWeightDecay: [],
  clipValue: undefined,
  clipNorm: undefined,
  globalClipNorm: undefined,
};

/** Checks the options that every optimizer has. */
export function checkCommonOptions(name: string, options: OptimizerOptions): void {
  const { learningRate, weightDecay = 0, decoupledWeightDecay = false, excludeFromWeightDecay = [] } =
    options;
  if (typeof learningRate !== "function" && learningRate !== undefined) {
    checkRange(name, "learningRate", learningRate, 0, Infinity);
  }
  checkRange(name, "weightDecay", weightDecay, 0, Infinity);
  readBoolean(name, "the option decoupledWeightDecay", decoupledWeightDecay);
  for (const pattern of readList(name, "the option excludeFromWeightDecay", excludeFromWeightDecay)) {
    if (typeof pattern === "string" || pattern instanceof RegExp) continue;
    throw new TypeError(
      message`Cannot make ${name}: excludeFromWeightDecay holds ${
        describeValue(pattern)
      }, use texts or patterns`,
    );
  }
  const clips = (["clipValue", "clipNorm", "globalClipNorm"] as const).filter((clip) =>
    options[clip] !== undefined
  );
  for (const clip of clips) checkPositive(name, clip, options[clip]);
  if (clips.length > 1) {
    throw new TypeError(message`Cannot make ${name} with ${clips.join(" and ")}: use one of them`);
  }
}

/**
 * Reads an option that has two names, from 0 to below a limit.
 *
 * @throws {TypeError} If both are given
 * @throws {RangeError} If it is out of range
 */
export function oneOfTwo<K extends string>(
  name: string,
  options: { readonly [each in K]: number | undefined },
  first: K,
  second: K,
  otherwise: number,
  below: number = 1,
): number {
  if (options[first] !== undefined && options[second] !== undefined) {
    throw new TypeError(message`Cannot make ${name} with ${first} and ${second}: they are the same, use one`);
  }
  const used = options[second] === undefined ? first : second;
  const value = options[used];
  return value === undefined ? otherwise : checkRange(name, used, value, 0, below);
}

/**
 * Checks a parameter of an optimizer or schedule.
 *
 * @throws {TypeError} If it is no number
 * @throws {RangeError} If it is less than `low`, or not less than `high`
 */
export function checkRange(name: string, what: string, value: unknown, low: number, high: number): number {
  if (typeof value === "number" && value >= low && value < high) return value;
  throw wrong(
    name,
    what,
    value,
    `${low} or more, ${high === Infinity ? "finite" : `less than ${high}`}`,
  );
}

/**
 * Checks a number that must be above 0 and finite.
 *
 * @throws {TypeError} If it is no number
 * @throws {RangeError} If it is out of range
 */
export function checkPositive(name: string, what: string, value: unknown): number {
  if (typeof value === "number" && value > 0 && value < Infinity) return value;
  throw wrong(name, what, value, "a finite number above 0");
}

/**
 * Checks a number of steps.
 *
 * @throws {TypeError} If it is no number
 * @throws {RangeError} If it is not an integer from 1 up
 */
export function checkSteps(name: string, what: string, value: unknown): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 1) return value;
  throw wrong(name, what, value, "an integer from 1 up");
}

function wrong(name: string, what: string, value: unknown, use: string): TypeError | RangeError {
  const Kind = typeof value === "number" ? RangeError : TypeError;
  return new Kind(message`Cannot make ${name}: ${what} is ${describeValue(value)}, use ${use}`);
}
