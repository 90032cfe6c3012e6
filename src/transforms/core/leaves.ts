import { message } from "../../_internal/message.ts";
import { describeValue } from "../../_internal/format.ts";
import { type FloatArray, isNumericArray, type NumericArray } from "../../array/dtype.ts";
import {
  arrayFrom,
  DEEPEST,
  NdArray,
  type NestedNumbers,
  refuseOtherCopy,
  tooDeep,
} from "../../array/nd_array.ts";
import { type ArrayLike, constant, Variable } from "../../variable/mod.ts";
import { weakVariable } from "../../variable/variable.ts";

/** A leaf of an input tree, as the user passed it. */
export type InputLeaf = Variable | ArrayLike;

/** Whether an array or object is one leaf: a typed array, or numbers in arrays in arrays. */
export function isLeaf(value: unknown): boolean {
  return value instanceof Variable || value instanceof NdArray || isNumericArray(value) ||
    (Array.isArray(value) && value.length > 0 && isNested(value));
}

/**
 * Says of the values in an argument which are leaves: an empty array in place of the argument is an array without
 * elements, inside of it an empty list.
 */
export function leafTestOf(argument: unknown): (value: unknown) => boolean {
  const isEmpty = Array.isArray(argument) && argument.length === 0;
  return isEmpty ? (value) => value === argument || isLeaf(value) : isLeaf;
}

function isNested(value: unknown, depth = 0): boolean {
  if (depth > DEEPEST) throw tooDeep();
  return typeof value === "number" ||
    (Array.isArray(value) && value.every((entry) => isNested(entry, depth + 1)));
}

/**
 * Reads a leaf as a Variable; one of plain numbers takes the dtype of what it is combined with.
 *
 * @throws {TypeError} If it is not made of numbers
 */
export function leafToVariable(leaf: InputLeaf, operation: string): Variable {
  if (leaf instanceof Variable) return leaf;
  if (typeof leaf === "number") return weakVariable(leaf);
  if (leafTestOf(leaf)(leaf)) return Array.isArray(leaf) ? weakVariable(arrayFrom(leaf)) : constant(leaf);
  refuseOtherCopy(leaf);
  throw new TypeError(
    message`Cannot differentiate in ${operation} by ${describeValue(leaf)}: inputs are
    Variables, numbers or arrays, in arrays or objects; choose other arguments with argnums`,
  );
}

/** Gives a derivative the form its input had: number for number, nested for nested, typed for typed. */
export function likeLeaf(gradient: Variable, leaf: InputLeaf): InputLeaf {
  if (leaf instanceof Variable) return gradient;
  if (typeof leaf === "number") return gradient.item();
  if (leaf instanceof NdArray) return gradient.toArray();
  if (isNumericArray(leaf)) return typedLike(gradient.data, leaf);
  return gradient.value as NestedNumbers;
}

function typedLike(data: FloatArray, leaf: NumericArray): FloatArray {
  return arrayFrom(data, leaf instanceof Float32Array ? "float32" : undefined).data;
}
