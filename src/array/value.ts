import { type DType, roundTo } from "./dtype.ts";
import { fullArray, type NdArray } from "./nd_array.ts";
import { SCALAR, type Shape } from "./shape.ts";

/** What operations work on: an array, or a plain number for rank 0, which takes part as a scalar of any dtype. */
export type Value = number | NdArray;

/** A value as an array. */
export function toArray(value: Value): NdArray {
  return typeof value === "number" ? fullArray(SCALAR, value, "float64") : value;
}

/** A result as a value of the given dtype: a number if it has rank 0, so that no value is an array of rank 0. */
export function toValue(result: Value, dtype: DType): Value {
  if (typeof result === "number") return roundTo(dtype, result);
  return result.shape.length === 0 ? roundTo(dtype, result.data[0]!) : result.cast(dtype);
}

/** The shape of a value. */
export function shapeOfValue(value: Value): Shape {
  return typeof value === "number" ? SCALAR : value.shape;
}

/** The number that a value of one element holds. */
export function numberOf(value: Value): number {
  return typeof value === "number" ? value : value.data[0]!;
}
