import type { NdArray } from "../array/nd_array.ts";

/** What a row holds beyond two operands and a number. */
export interface Side {
  /** The value, where it is not of rank 0. */
  readonly array: NdArray | null;
  /** Attributes of the operation. */
  readonly attributes: unknown;
  /** All operands, where there are more than two. */
  readonly operands: readonly number[] | null;
  /** The name of a leaf that stands for no trainable Variable. */
  readonly name: string | undefined;
}

/** What a leaf may stand for. */
export interface Owner {
  /** Its name. */
  readonly name: string | undefined;
}

/** Is asked about what a recording would not repeat, while a function is recorded for other values too. */
export interface ReadGuard {
  /** Whether what is recorded will run for many examples at once, by the rules that its rows have for that. */
  readonly isBatched?: boolean;
  /**
   * Throws if a value that is read would not be right for every call that the recording serves.
   *
   * @param variable The Variable, of which the row is known here
   * @param how The method or property, for messages
   */
  read(variable: { readonly row: number; readonly stamp: number }, how: string): void;
  /**
   * Throws, as a Variable would be changed while recording only.
   *
   * @param how The method, for messages
   */
  write(how: string): void;
}

/** The rows of one function that is being recorded. */
export interface Frame {
  /** The first row. */
  readonly mark: number;
  /** Whether the rows stay when the function has returned, because something outside still depends on them. */
  keepsRows: boolean;
}

/** Settings of the recording; what is not given stays as it is. */
export interface Scope {
  /** Whether operations are recorded. */
  readonly recording?: boolean;
  /** Rows below this are treated as constants. */
  readonly barrier?: number;
  /** Is asked when a value is read, while the recording is to serve for other values too. */
  readonly guard?: ReadGuard;
  /** Whether values that follow from unknown ones stay unknown, but for shape and dtype. */
  readonly withoutValues?: boolean;
}

/** A value that was read out of a Variable as plain numbers. */
export interface Read {
  /** The row of the Variable. */
  readonly row: number;
  /** The generation of that row. */
  readonly stamp: number;
  /** The method or property. */
  readonly how: string;
}

/** The rows that a function composed of others has recorded. */
export interface Group {
  /** The name of the function. */
  readonly name: string;
  /** Its first row. */
  readonly start: number;
  /** The row after its last one. */
  readonly end: number;
}
