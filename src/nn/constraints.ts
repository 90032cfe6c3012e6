import { readNumber, readOptions } from "../_internal/readers/mod.ts";
import type { Variable } from "../variable/mod.ts";
import { type Factory, Registry } from "./core/registry.ts";

/** Maps a parameter to an allowed one; applied after each update. */
export type Constraint = (parameter: Variable) => Variable;

/** A constraint by its name, or a function. */
export type ConstraintArgument = "maxNorm" | "minMaxNorm" | "nonNeg" | "unitNorm" | Constraint;

/** The constraints, by name. */
export const constraints: Registry<Constraint> = new Registry<Constraint>("constraint");

/** Along which axes norms are taken. */
export interface NormOptions {
  /** One axis or several: those of the inputs; 0 by default, which suits kernels `[inputs, units]`. */
  readonly axis?: number | readonly number[];
}

/** Keeps norms from dividing by 0, as in Keras. */
const EPSILON = 1e-7;

const normOf = (p: Variable, axis: number | readonly number[]): Variable =>
  p.square().sum({ axis, keepDims: true }).sqrt();

/** Norms up to `maxValue`, 2 by default (Srivastava et al. 2014, section 5.1). */
export const maxNorm: Factory<NormOptions & { maxValue?: number }, Constraint> = constraints.define(
  "maxNorm",
  (options: NormOptions & { maxValue?: number }): Constraint => {
    const { axis, maxValue } = readOptions("the constraint maxNorm", options, { axis: 0, maxValue: 2 });
    readNumber("the constraint maxNorm", "maxValue", maxValue, { min: 0 });
    return (p) => {
      const norm = normOf(p, axis);
      return p.mul(norm.clip(0, maxValue).div(norm.add(EPSILON)));
    };
  },
);

/** Norms between two bounds; `rate` below 1 goes only that part of the way. */
export const minMaxNorm: Factory<
  NormOptions & { minValue?: number; maxValue?: number; rate?: number },
  Constraint
> = constraints.define(
  "minMaxNorm",
  (
    options: NormOptions & {
      minValue?: number;
      maxValue?: number;
      rate?: number;
    },
  ): Constraint => {
    const name = "the constraint minMaxNorm";
    const { axis, minValue, maxValue, rate } = readOptions(name, options, {
      axis: 0,
      minValue: 0,
      maxValue: 1,
      rate: 1,
    });
    readNumber(name, "minValue", minValue, { min: 0, below: Infinity });
    readNumber(name, "maxValue", maxValue, { min: minValue });
    readNumber("the constraint minMaxNorm", "rate", rate, { min: 0, max: 1 });
    return (p) => {
      const norm = normOf(p, axis);
      const wanted = norm.clip(minValue, maxValue).mul(rate).add(norm.mul(1 - rate));
      return p.mul(wanted.div(norm.add(EPSILON)));
    };
  },
);

/** No negative numbers. */
export const nonNeg: Factory<Record<never, never>, Constraint> = constraints.define(
  "nonNeg",
  (options: Record<never, never>): Constraint => {
    readOptions("the constraint nonNeg", options, {});
    return (p) => p.mul(p.ge(0));
  },
);

/** Norms of 1. */
export const unitNorm: Factory<NormOptions, Constraint> = constraints.define(
  "unitNorm",
  (options: NormOptions): Constraint => {
    const { axis } = readOptions("the constraint unitNorm", options, { axis: 0 });
    return (p) => p.div(normOf(p, axis).add(EPSILON));
  },
);

/**
 * Looks a constraint up, or takes a function as one.
 *
 * @throws {RangeError} If there is none of that name
 */
export function constraintOf(constraint: ConstraintArgument): Constraint {
  return constraints.resolve(constraint);
}
