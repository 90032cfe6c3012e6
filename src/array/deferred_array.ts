/** Arrays that hold no elements: those that are written when they are wanted, and those of which none are known. */
import { allocate, type DType, type FloatArray } from "./dtype.ts";
import { NdArray } from "./nd_array.ts";
import { type Shape, sizeOf } from "./shape.ts";
import type { Value } from "./value.ts";

/** NdArray without its constructor, which would give each array a field for its elements. */
export const EmptyArray: new () => Omit<
  NdArray,
  "data" | "shape" | "dtype" | "size" | "keep" | "resolve"
> = function () {} as never;
EmptyArray.prototype = NdArray.prototype;

/**
 * An array whose elements are written when they are wanted, and where: a program takes them straight into its
 * memory, so that nothing is copied twice. Whoever reads `data` gets a buffer that is filled once.
 */
export abstract class LateArray extends EmptyArray {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly size: number;
  #data: FloatArray | undefined;

  constructor(shape: Shape, dtype: DType) {
    super();
    this.shape = shape;
    this.dtype = dtype;
    this.size = sizeOf(shape);
  }

  /** Writes all elements to a buffer of the dtype, from a position on. */
  abstract writeTo(target: FloatArray, at: number): void;

  get data(): FloatArray {
    if (this.#data === undefined) {
      const data = allocate(this.dtype, this.size);
      this.writeTo(data, 0);
      this.#data = data;
    }
    return this.#data;
  }

  /** The same with its elements, as an array of its own. */
  resolve(): NdArray {
    return new NdArray(this.data, this.shape);
  }

  /** It stays readable as it is. */
  keep(): this {
    return this;
  }
}

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
