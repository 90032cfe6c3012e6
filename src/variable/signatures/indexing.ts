import type { ArrayLike, Operand, Variable } from "../variable.ts";
import type { AxisOptions } from "./shapes.ts";

/** Every `step`-th index from `start` to, but not including, `stop`, as Python's slices. */
export interface IndexRange {
  /** Where it starts, negative counted from the end; by default the first index, for a negative step the last. */
  readonly start?: number;
  /** Where it stops, negative counted from the end; by default past the last index in that direction. */
  readonly stop?: number;
  /** The distance of indices, not 0, negative to go backwards; 1 by default. */
  readonly step?: number;
}

/**
 * What is taken along one axis: one index, which drops the axis; a range of them; or a list of them, in any
 * order and as often as wanted. Negative indices count from the end.
 */
export type AxisIndex = number | IndexRange | Exclude<ArrayLike, number> | readonly boolean[] | Variable;

/** A place inside an array: to be read, or to be changed in a copy. */
export interface Place {
  /** The elements at the place. */
  get(): Variable;
  /** A copy of the array with other elements at the place; where an index comes twice, the last one stays. */
  set(values: Operand): Variable;
  /** A copy of the array with values added at the place; where an index comes twice, both are added. */
  add(values: Operand): Variable;
}

/** Along which axis, and in which order. */
export interface SortOptions extends AxisOptions {
  /** Whether the largest element comes first; false by default. */
  readonly descending?: boolean;
}

/** The largest elements and where they stand. */
export interface TopK {
  /** The elements, the largest first. */
  readonly values: Variable;
  /** Their indices along the axis, in float64. */
  readonly indices: Variable;
}

/** On which side of equal elements a place is. */
export interface SearchSortedOptions {
  /** `"left"` (the default) for the place before equal elements, `"right"` for that after them. */
  readonly side?: "left" | "right";
}
