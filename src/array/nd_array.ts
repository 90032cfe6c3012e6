import { message } from "../_internal/message.ts";
import { describeValue } from "../_internal/format.ts";
import { isPlainObject } from "../_internal/containers.ts";
import { showAs } from "../_internal/show.ts";
import { showArray } from "./format_array.ts";
import {
  allocate,
  checkDType,
  type DType,
  dtypeOf,
  type FloatArray,
  isNumericArray,
  type NumericArray,
} from "./dtype.ts";
import { ownShape, SCALAR, type Shape, sizeOf } from "./shape.ts";

/** Numbers in arrays in arrays: `3`, `[1, 2]`, `[[1, 2], [3, 4]]`. */
export type NestedNumbers = number | readonly NestedNumbers[];

/** Marks the classes of this package, also those of another copy of it. */
export const PACKAGE: unique symbol = Symbol.for("tapegrad");

/**
 * A dense row-major array that is never written to once it is in use.
 *
 * @example
 * ```ts
 * import { NdArray } from "@tapegrad/tapegrad";
 *
 * const x = new NdArray(new Float32Array([1, 2, 3, 4, 5, 6]), [2, 3]);
 * console.log(x.toNested()); // [[1, 2, 3], [4, 5, 6]]
 * ```
 */
export class NdArray {
  /** The elements, row after row. */
  readonly data: FloatArray;
  /** The lengths of the axes. */
  readonly shape: Shape;

  /**
   * Makes an array of a buffer.
   *
   * @param data The elements; the buffer is taken over, not copied
   * @param shape Its shape; by default one axis
   * @throws {TypeError} If the lengths are not integers from 0 on, or their product is not the number of elements
   */
  constructor(data: FloatArray, shape: Shape = [data?.length ?? 0]) {
    if (!(data instanceof Float64Array || data instanceof Float32Array)) {
      throw new TypeError(
        message`Cannot make an array of ${describeValue(data)}: pass a Float64Array or Float32Array`,
      );
    }
    const lengths = ownShape(shape);
    if (data.length !== sizeOf(lengths)) {
      throw new TypeError(
        message`Cannot make an array: shape ${shape} has ${sizeOf(shape)} elements, the
        data has ${data.length}`,
      );
    }
    this.data = data;
    this.shape = lengths;
  }

  /** The element type. */
  get dtype(): DType {
    return this.data instanceof Float64Array ? "float64" : "float32";
  }

  /** The number of elements. */
  get size(): number {
    return this.data.length;
  }

  /** The same elements under another element type; the same array if it has that type already. */
  cast(dtype: DType): NdArray {
    if (dtype === this.dtype) return this;
    checkDType(dtype);
    const data = dtype === "float64" ? Float64Array.from(this.data) : Float32Array.from(this.data);
    return new NdArray(data, this.shape);
  }

  /**
   * @internal The same array, for whoever holds on to it: its elements stay readable also after it has been
   * donated to a compiled function.
   */
  keep(): this {
    return this;
  }

  /**
   * @internal The same elements in an array that is a copy's equal when `structuredClone` or `postMessage` has made
   * one: also those that stand in the memory of a compiled function.
   */
  resolve(): NdArray {
    return this;
  }

  /** A copy with a buffer of its own. */
  clone(): NdArray {
    return new NdArray(this.data.slice(), this.shape);
  }

  /** The same elements under another shape of the same size, sharing the buffer. */
  withShape(shape: Shape): NdArray {
    return new NdArray(this.data, shape);
  }

  /** The elements as numbers in arrays in arrays; a number for a scalar. */
  toNested(): NestedNumbers {
    const { data, shape } = this;
    if (shape.length === 0) return data[0]!;
    let offset = 0;
    const build = (axis: number): NestedNumbers[] =>
      Array.from(
        { length: shape[axis]! },
        () => axis === shape.length - 1 ? data[offset++]! : build(axis + 1),
      );
    return build(0);
  }

  /** What `JSON.stringify` writes: numbers in arrays in arrays; NaN and infinities, which JSON has not, as null. */
  toJSON(): NestedNumbers {
    return this.toNested();
  }
}

Object.defineProperty(NdArray.prototype, PACKAGE, { value: true });
showAs(NdArray.prototype, (x) => {
  const { data, shape } = x.resolve();
  return showArray("NdArray", data, shape);
});

/** An array filled with one value. */
export function fullArray(shape: Shape, value: number, dtype: DType): NdArray {
  const data = allocate(dtype, sizeOf(shape));
  if (!Object.is(value, 0)) data.fill(value);
  return new NdArray(data, shape);
}

/**
 * Reads numbers in arrays in arrays.
 *
 * @throws {TypeError} If an element is not a number, or rows have different lengths
 */
export function arrayFromNested(nested: NestedNumbers, dtype: DType = "float64"): NdArray {
  const shape = nestedShape(nested);
  const data = allocate(dtype, sizeOf(shape));
  let offset = 0;
  const fill = (value: NestedNumbers, axis: number): void => {
    if (axis === shape.length) {
      if (typeof value !== "number") {
        throw new TypeError(
          message`Cannot read a nested array: found ${describeValue(value)} where a number
          is expected (the first entries have shape ${shape})`,
        );
      }
      data[offset++] = value;
      return;
    }
    if (!Array.isArray(value) || value.length !== shape[axis]) {
      throw new TypeError(
        message`Cannot read a nested array: its rows have different lengths, expected
        shape ${shape} but found ${
          describeValue(value)
        } on axis ${axis}; an array of numbers and arrays is one array,
        so keep parameters in an object such as { w, b }, or make each one with constant()`,
      );
    }
    for (const entry of value) fill(entry, axis + 1);
  };
  fill(nested, 0);
  return new NdArray(data, shape.length === 0 ? SCALAR : shape);
}

/** Copies a typed array into an array of one axis. */
export function arrayFromTyped(data: NumericArray, dtype: DType = dtypeOf(data)): NdArray {
  return new NdArray(dtype === "float64" ? Float64Array.from(data) : Float32Array.from(data));
}

/**
 * Copies any accepted kind of numbers into an array; an array as `structuredClone` or `postMessage` gives it is read, too.
 *
 * @throws {TypeError} If `value` is no number, nested array or typed array
 */
export function arrayFrom(value: NestedNumbers | NumericArray | NdArray, dtype?: DType): NdArray {
  if (value instanceof NdArray) return dtype === undefined ? value : value.cast(dtype);
  if (isNumericArray(value)) return arrayFromTyped(value, dtype);
  if (typeof value === "number" || Array.isArray(value)) return arrayFromNested(value, dtype);
  if (isClone(value)) return arrayFrom(new NdArray(value.data, value.shape), dtype);
  refuseOtherCopy(value);
  throw new TypeError(
    message`Cannot read ${describeValue(value)} as an array: pass a number, nested arrays
    of numbers or a typed array`,
  );
}

/** Whether a value is what is left of an array when it was copied without its class. */
function isClone(value: unknown): value is { data: FloatArray; shape: Shape } {
  if (!isPlainObject(value)) return false;
  const { data, shape } = value;
  return (data instanceof Float64Array || data instanceof Float32Array) && Array.isArray(shape);
}

/**
 * Refuses what another copy of this package made.
 *
 * @throws {TypeError} If the value is a Variable or array that is not of this copy's classes
 */
export function refuseOtherCopy(value: unknown): void {
  if (typeof value !== "object" || value === null || !(PACKAGE in value)) return;
  throw new TypeError(
    message`Cannot read ${
      describeValue(value)
    } that belongs to another copy of this package: import all of it from
    one place and one version, or pass its numbers, x.value`,
  );
}

/** Deeper nesting is taken for an array that contains itself. */
export const DEEPEST = 64;

/** The error for arrays in arrays without end. */
export function tooDeep(): TypeError {
  return new TypeError(
    message`Cannot read a nested array: it is nested deeper than ${DEEPEST} levels, or contains itself`,
  );
}

function nestedShape(nested: NestedNumbers): number[] {
  const shape: number[] = [];
  let level: NestedNumbers | undefined = nested;
  while (Array.isArray(level)) {
    if (shape.length === DEEPEST) throw tooDeep();
    shape.push(level.length);
    level = level[0] as NestedNumbers | undefined;
  }
  return shape;
}
