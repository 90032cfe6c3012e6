import type { DType } from "../../array/dtype.ts";
import type { Variable } from "../variable.ts";

/** Along which axis an operation runs. */
export interface AxisOptions {
  /** The axis; a negative one counts from the end. */
  readonly axis?: number;
}

/** Which diagonal is meant. */
export interface DiagonalOptions {
  /** 0 (the default) is the main diagonal, 1 the one above it, -1 the one below it. */
  readonly offset?: number;
}

/** The element type of a new array. */
export interface FillOptions {
  /** `"float64"` (the default) or `"float32"`. */
  readonly dtype?: DType;
}

/** A list of Variables as long as the list given. */
export type VariableForEach<L extends readonly unknown[]> = { -readonly [K in keyof L]: Variable };

/** Along which axis elements are repeated. */
export interface RepeatOptions {
  /** The axis; by default x is read as one row. */
  readonly axis?: number;
}

/** Which axes are meant. */
export interface AxesOptions {
  /** One axis or several, negative ones counted from the end; by default all. */
  readonly axis?: number | readonly number[];
}

/** What stands around an array. */
export interface PadOptions {
  /**
   * `"constant"` (the default) for one value, `"reflect"` for the elements mirrored at the outermost one,
   * `"edge"` for the outermost element.
   */
  readonly mode?: "constant" | "reflect" | "edge";
  /** The value of mode `"constant"`; 0 by default. */
  readonly value?: number;
}

/** Along which axis windows slide, and how far. */
export interface SlidingWindowOptions extends AxisOptions {
  /** How far apart windows start; 1 by default. */
  readonly step?: number;
}

/** How much is padded: one number for every side, a pair for every axis, or a pair for each. */
export type PadWidths = number | readonly [number, number] | readonly (readonly [number, number])[];
