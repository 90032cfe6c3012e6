import type { Operand, Variable } from "../variable.ts";
import type { AxisOptions } from "./shapes.ts";

/** How the losses of single examples are joined. */
export interface LossOptions {
  /** `"mean"` (the default), `"sum"`, or `"none"` for one loss per example. */
  readonly reduction?: "mean" | "sum" | "none";
}

/** Padding of images: a rule, or numbers of rows and columns. */
export type Padding2d =
  | "valid"
  | "same"
  | number
  | readonly [height: number, width: number]
  | readonly [
    height: readonly [top: number, bottom: number],
    width: readonly [left: number, right: number],
  ];

/** Padding of sequences: a rule, or numbers of steps. */
export type Padding1d = "valid" | "same" | number | readonly [before: number, after: number];

/** One number for both axes, or one for each. */
export type Pair = number | readonly [height: number, width: number];

/** How filters move over images. */
export interface Conv2dOptions {
  /** Steps along height and width; 1 by default. */
  readonly strides?: Pair;
  /**
   * Zeros around the image: `"valid"` (none, the default), `"same"` (as TensorFlow: the result has the size of
   * the image over the strides, rounded up), or numbers for all sides, for each axis, or for each side.
   */
  readonly padding?: Padding2d;
  /** Distances between the cells of a filter; 1 by default. */
  readonly dilations?: Pair;
  /** Groups of channels that do not see one another; 1 by default. */
  readonly groups?: number;
}

/** How filters move over sequences. */
export interface Conv1dOptions {
  /** Steps between results; 1 by default. */
  readonly strides?: number;
  /** Zeros before and after: `"valid"` (none, the default), `"same"`, or numbers; `[before, 0]` is causal. */
  readonly padding?: Padding1d;
  /** Distances between the cells of a filter; 1 by default. */
  readonly dilations?: number;
  /** Groups of channels that do not see one another; 1 by default. */
  readonly groups?: number;
}

/** How filters spread images. */
export interface Conv2dTransposeOptions extends Conv2dOptions {
  /** Rows and columns added at the bottom and right of the result; 0 by default. */
  readonly outputPadding?: Pair;
}

/** How filters spread sequences. */
export interface Conv1dTransposeOptions extends Conv1dOptions {
  /** Steps added at the end of the result; 0 by default. */
  readonly outputPadding?: number;
}

/** What is done with normalized numbers: they are multiplied by the scale, then the offset is added. */
export interface ScaleOptions {
  /** Factors, a shape that broadcasts to the normalized axes; by default 1. */
  readonly scale?: Operand;
  /** What is added, a shape that broadcasts to the normalized axes; by default 0. */
  readonly offset?: Operand;
  /** Added to the variance before its root is taken, positive. */
  readonly epsilon?: number;
}

/** Along which axes numbers are normalized together. */
export interface LayerNormOptions extends ScaleOptions {
  /** One axis or several; the last by default. */
  readonly axis?: number | readonly number[];
}

/** Which axis holds the channels. */
export interface BatchNormOptions extends ScaleOptions {
  /** The axis of channels; the last by default. */
  readonly axis?: number;
}

/** What batch normalization gives in training. */
export interface BatchNormResult {
  /** The normalized operand. */
  readonly output: Variable;
  /** The mean of each channel, `[channels]`; no derivative flows through it. */
  readonly mean: Variable;
  /** The variance of each channel (divided by the number of elements), `[channels]`; likewise. */
  readonly variance: Variable;
}

/** How a window of pooling moves over images. */
export interface MaxPool2dOptions {
  /** Steps along height and width; by default the size of the window. */
  readonly strides?: Pair;
  /** `"valid"` (none, the default), `"same"`, or numbers for all sides, for each axis, or for each side. */
  readonly padding?: Padding2d;
  /** Distances between the cells of the window; 1 by default. */
  readonly dilations?: Pair;
}

/** How a window of pooling moves over sequences. */
export interface MaxPool1dOptions {
  /** Steps between results; by default the length of the window. */
  readonly strides?: number;
  /** `"valid"` (none, the default), `"same"`, a number for both ends, or `[before, after]`. */
  readonly padding?: Padding1d;
  /** Distances between the cells of the window; 1 by default. */
  readonly dilations?: number;
}

/** How a window of average pooling moves over images. */
export interface AvgPool2dOptions extends MaxPool2dOptions {
  /** Whether padding counts as zeros in the average; false by default (as TensorFlow; PyTorch counts it). */
  readonly countIncludePadding?: boolean;
}

/** How a window of average pooling moves over sequences. */
export interface AvgPool1dOptions extends MaxPool1dOptions {
  /** Whether padding counts as zeros in the average; false by default (as TensorFlow; PyTorch counts it). */
  readonly countIncludePadding?: boolean;
}

/** How pixels of two sizes of an image correspond. */
export interface ResizeOptions {
  /**
   * Whether the centers of the corner pixels stay in place; else (the default) the outer edges of the corner
   * pixels do.
   */
  readonly alignCorners?: boolean;
}

/** Along which axis vectors lie, and what they are divided by at least. */
export interface NormalizeL2Options extends AxisOptions {
  /** The least length; 1e-12 by default. */
  readonly epsilon?: number;
}
