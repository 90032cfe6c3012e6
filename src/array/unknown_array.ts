import type { DType, FloatArray } from "./dtype.ts";
import { EmptyArray } from "./empty_array.ts";
import type { NdArray } from "./nd_array.ts";
import { type Shape, sizeOf } from "./shape.ts";
import type { Value } from "./value.ts";

/** Is thrown where a value is asked for that is not known, so that whoever goes without values starts over with them. */
export class ValuesNeeded extends TypeError {
  /** Says what to do to somebody who has kept an array for later. */
  constructor() {
    super(
      "Cannot read this value: it was computed while a function was recorded, without the values of a call; return it " +
        "from the function",
    );
  }
}

let asked = 0;

/** How often an unknown value has been asked for; it tells also where somebody has caught what is thrown. */
export function timesAsked(): number {
  return asked;
}

/** Asks for a value that is not known. */
export function askForValues(): never {
  asked++;
  throw new ValuesNeeded();
}

/** An array of which nothing but shape and dtype is known: what a function is recorded with that computes later. */
export class UnknownArray extends EmptyArray {
  readonly shape: Shape;
  readonly dtype: DType;

  /** Holds what is known. */
  constructor(shape: Shape, dtype: DType) {
    super();
    this.shape = shape;
    this.dtype = dtype;
  }

  /** Asks for the values. */
  get data(): FloatArray {
    return askForValues();
  }

  get size(): number {
    return sizeOf(this.shape);
  }

  keep(): this {
    return this;
  }

  resolve(): never {
    return askForValues();
  }
}

/** A value of which only shape and dtype are known; a single number is NaN. */
export function unknownValue(shape: Shape, dtype: DType): Value {
  return shape.length === 0 ? NaN : new UnknownArray(shape, dtype) as NdArray;
}

/** Whether a value is an array without elements to read. */
export function isUnknownArray(value: Value | null): boolean {
  return value instanceof UnknownArray;
}
