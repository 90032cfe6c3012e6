import { describeValue } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import { readFunction, readNumber } from "../../_internal/readers/mod.ts";
import { constant, Variable } from "../../variable/mod.ts";
import { checkRange } from "../optimizers/options.ts";

/** The learning rate at a step: a Variable of rank 0, from one; steps are counted from 0. */
export type Schedule = (step: Variable) => Variable;

/** A {@linkcode Schedule} that can be asked for numbers, too. */
export interface NumberSchedule {
  /** Inside an optimizer. */
  (step: Variable): Variable;
  /** To look at it: a number for a number. */
  (step: number): number;
}

/** Makes a schedule of a function of Variables. */
export function makeSchedule(rateAt: Schedule): NumberSchedule {
  function schedule(step: Variable): Variable;
  function schedule(step: number): number;
  function schedule(step: Variable | number): Variable | number {
    if (step instanceof Variable) return rateAt(step);
    return rateAt(constant(readNumber("a schedule", "the step", step, { min: 0, below: Infinity }))).item();
  }
  return schedule;
}

/** Reads a learning rate, or a schedule of it, as a schedule. */
export function readSchedule(name: string, what: string, value: number | Schedule): Schedule {
  if (typeof value !== "number") {
    const schedule = readFunction(name, what, value);
    return (step) => {
      const rate: unknown = schedule(step);
      if (rate instanceof Variable) return rate;
      throw new TypeError(
        message`Cannot apply ${name}: ${what} gives ${
          describeValue(rate)
        }, a schedule gives a Variable of rank 0`,
      );
    };
  }
  checkRange(name, what, value, 0, Infinity);
  return () => constant(value);
}
