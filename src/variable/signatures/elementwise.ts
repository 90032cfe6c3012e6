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
