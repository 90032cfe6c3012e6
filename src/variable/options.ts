/** What the methods of Variables take beside operands. */

/** Which axes a reduction runs along, and whether they stay with length 1. */
export interface ReductionOptions {
  /** One axis or several, negative ones counted from the end; by default all. */
  readonly axis?: number | readonly number[];
  /** Whether reduced axes stay, with length 1; false by default. */
  readonly keepDims?: boolean;
}

/** Along which axis an operation runs. */
export interface AxisOptions {
  /** The axis; a negative one counts from the end. */
  readonly axis?: number;
}

/** How the losses of single examples are joined. */
export interface LossOptions {
  /** `"mean"` (the default), `"sum"`, or `"none"` for one loss per example. */
  readonly reduction?: "mean" | "sum" | "none";
}

/** The slope of leakyRelu. */
export interface LeakyReluOptions {
  /** The factor of negative numbers; 0.01 by default. */
  readonly negativeSlope?: number;
}

/** The scale of elu. */
export interface EluOptions {
  /** The value at -Infinity is `-alpha`; 1 by default. */
  readonly alpha?: number;
}

/** Which gelu is meant. */
export interface GeluOptions {
  /** `"none"` (the default) for the exact function, `"tanh"` for the approximation by the hyperbolic tangent. */
  readonly approximate?: "none" | "tanh";
}

/** The bounds of hardTanh. */
export interface HardTanhOptions {
  /** The lower bound; -1 by default. */
  readonly min?: number;
  /** The upper bound; 1 by default. */
  readonly max?: number;
}

/** The width of softshrink. */
export interface SoftshrinkOptions {
  /** Numbers up to this size become 0; 0.5 by default. */
  readonly lambda?: number;
}

/** One axis or several, or options. */
export type ReductionArgument = number | readonly number[] | ReductionOptions;
