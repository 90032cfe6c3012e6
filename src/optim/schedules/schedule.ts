import { readFunction } from "../../_internal/readers/mod.ts";
import { constant, type Variable } from "../../variable/mod.ts";
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
    return typeof step === "number" ? rateAt(constant(step)).item() : rateAt(step);
  }
  return schedule;
}

/** Reads a learning rate, or a schedule of it, as a schedule. */
export function readSchedule(name: string, what: string, value: number | Schedule): Schedule {
  if (typeof value !== "number") return readFunction(name, what, value);
  checkRange(name, what, value, 0, Infinity);
  return () => constant(value);
}
