import type { AxisOptions } from "./shapes.ts";

/** Which axes a reduction runs along, and whether they stay with length 1. */
export interface ReductionOptions {
  /** One axis or several, negative ones counted from the end; by default all. */
  readonly axis?: number | readonly number[];
  /** Whether reduced axes stay, with length 1; false by default. */
  readonly keepDims?: boolean;
}

/** One axis or several, or options. */
export type ReductionArgument = number | readonly number[] | ReductionOptions;

/** Along which axis, in which direction, and from where it accumulates. */
export interface CumulativeOptions extends AxisOptions {
  /** Whether it runs from the end to the start; false by default. */
  readonly reverse?: boolean;
  /** Whether each element itself is left out; false by default. */
  readonly exclusive?: boolean;
}

/** Which norm is meant, and along which axes. */
export interface NormOptions extends ReductionOptions {
  /** A number from 1 up, Infinity, or `"fro"` for the Frobenius norm, the same as 2; 2 by default. */
  readonly ord?: number | "fro";
}

/** An axis to look along, or all elements. */
export interface ArgumentOptions {
  /** The axis; a negative one counts from the end. By default all elements count, row after row. */
  readonly axis?: number;
  /** Whether the axis stays, with length 1; false by default. */
  readonly keepDims?: boolean;
}

/** Along which axes, and what a sum of squares is divided by. */
export interface VarianceOptions extends ReductionOptions {
  /** The sum of squares is divided by n less this; 0 by default, 1 for an estimate from a sample. */
  readonly correction?: number;
}
