/** How transforms read what they are called with. */
import { isNode } from "../../_internal/containers.ts";
import { describeValue, formatShape } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import { readIntegers, readOptions } from "../../_internal/readers/mod.ts";
import { type FloatArray, isNumericArray, type NumericArray } from "../../array/dtype.ts";
import {
  arrayFrom,
  DEEPEST,
  NdArray,
  type NestedNumbers,
  refuseOtherCopy,
  tooDeep,
} from "../../array/nd_array.ts";
import { type ArrayLike, constant, flattenTree, mapTree, type Tree, Variable } from "../../variable/mod.ts";
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

/** The arguments of a call, taken apart. */
export interface Arguments {
  /** The leaves of the chosen arguments, as they were passed. */
  readonly leaves: readonly InputLeaf[];
  /** The same as Variables. */
  readonly variables: readonly Variable[];
  /** Whether one of them was passed as a Variable. */
  readonly wantVariables: boolean;
  /** Puts one value for each leaf back together: one tree for each chosen argument. */
  regroup<R>(flat: readonly R[]): Tree<R>[];
  /** All arguments, with Variables in place of the leaves of the chosen ones. */
  full(variables: readonly Variable[]): unknown[];
}

/**
 * Takes the chosen arguments apart.
 *
 * @param name The transform's name, for messages
 * @param args All arguments, as they are passed on
 * @param argnums Which of them are differentiated by
 * @param userArguments The same arguments as the user passed them
 */
export function readArguments(
  name: string,
  args: readonly unknown[],
  argnums: readonly number[],
  userArguments: readonly unknown[] = args,
): Arguments {
  const trees = argnums.map((i) => userArguments[i] as Tree<InputLeaf>);
  const leaves = trees.flatMap((tree) => flattenTree(tree, leafTestOf(tree)));
  const regroup = <R>(flat: readonly R[]): Tree<R>[] => {
    let next = 0;
    return trees.map((tree) => mapTree(tree, () => flat[next++]!, leafTestOf(tree)));
  };
  return {
    leaves,
    variables: leaves.map((leaf) => leafToVariable(leaf, name)),
    wantVariables: leaves.some((leaf) => leaf instanceof Variable),
    regroup,
    full: (variables) => {
      const all = [...args];
      regroup(variables).forEach((tree, k) => all[argnums[k]!] = tree);
      return all;
    },
  };
}

/** An argument with its numbers and arrays as constants; texts, functions and other objects stay. */
export function numbersToConstants(argument: unknown): unknown {
  const read = (leaf: unknown): unknown =>
    typeof leaf === "number" || isLeaf(leaf) ? leafToVariable(leaf as InputLeaf, "grad") : leaf;
  return mapTree(argument as Tree<unknown>, read, isLeaf);
}

/**
 * Checks the numbers of the arguments to differentiate by.
 *
 * @throws {TypeError} If the transform was not given a function
 * @throws {RangeError} If there is no such argument
 */
export function readArgnums(
  name: string,
  f: unknown,
  argnums: number | readonly number[],
  count: number,
): readonly number[] {
  checkFunction(name, f);
  const list = readIntegers(name, "argnums", argnums);
  const twice = list.find((i, k) => list.indexOf(i) < k);
  if (twice !== undefined) {
    throw new RangeError(
      message`Cannot differentiate by argument ${twice} twice: name each argument once in argnums`,
    );
  }
  for (const i of list) {
    if (i < 0 || i >= count) {
      throw new RangeError(
        message`Cannot differentiate by argument ${i}: the function was called with
        ${count} argument${count === 1 ? "" : "s"}, counted from 0`,
      );
    }
  }
  return list;
}

/** Throws a TypeError for anything but a function. */
export function checkFunction(name: string, f: unknown): void {
  if (typeof f === "function") return;
  throw new TypeError(message`Cannot differentiate ${describeValue(f)}: ${name}() takes a function`);
}

/**
 * Reads tangents or cotangents: a tree of the same structure as another, each leaf of the same shape, as
 * Variables in the dtype of the leaf they belong to.
 *
 * @param what `"tangent"` or `"cotangent"`, for messages
 * @param like What they belong to: a tree of Variables
 * @throws {TypeError} If the structure or a shape differs
 */
export function readMatching(name: string, what: string, tree: unknown, like: unknown): Variable[] {
  const found: Variable[] = [];
  const visit = (a: unknown, b: unknown): void => {
    if (b instanceof Variable) {
      if (isNode(a) && !isLeaf(a)) throw mismatch(name, what, describeTree(a), "an array or number");
      const value = leafToVariable(a as InputLeaf, name);
      if (formatShape(value.shape) !== formatShape(b.shape)) {
        throw mismatch(name, what, `shape ${formatShape(value.shape)}`, `shape ${formatShape(b.shape)}`);
      }
      found.push(value.dtype === b.dtype ? value : value.cast(b.dtype));
      return;
    }
    if (!isNode(b)) return;
    const keys = Object.keys(b);
    if (
      !isNode(a) || Array.isArray(a) !== Array.isArray(b) || Object.keys(a).length !== keys.length ||
      keys.some((key) => !(key in a))
    ) throw mismatch(name, what, describeTree(a), describeTree(b));
    for (const key of keys) visit((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]);
  };
  visit(tree, like);
  return found;
}

function describeTree(value: unknown): string {
  if (!isNode(value) || Array.isArray(value)) return describeValue(value);
  return `an object with the keys ${Object.keys(value).join(", ")}`;
}

function mismatch(name: string, what: string, found: string, wanted: string): TypeError {
  return new TypeError(
    message`Cannot use these ${what}s in ${name}(): found ${found} where ${wanted} is
    expected, each ${what} has the structure and shape of what it belongs to`,
  );
}

/** What transforms that differentiate by chosen arguments are told. */
export interface DerivativeOptions {
  /** Which arguments, by number; undefined for those that the transform takes by itself. */
  readonly argnums: number | readonly number[] | undefined;
  /** Whether the function returns something beside its value. */
  readonly hasAux: boolean;
}

const DEFAULTS: DerivativeOptions = { argnums: undefined, hasAux: false };

/**
 * Reads the function and the options of a transform.
 *
 * @param name The transform
 * @throws {TypeError} If there is no function, an option is unknown, or of a wrong type
 */
export function readDerivativeOptions(
  name: string,
  f: unknown,
  options: Partial<DerivativeOptions> | undefined,
): DerivativeOptions {
  checkFunction(name, f);
  if (options === undefined) return DEFAULTS;
  const read = readOptions<Partial<DerivativeOptions>, DerivativeOptions>(name, options, DEFAULTS);
  if (read.argnums !== undefined) readIntegers(name, "argnums", read.argnums);
  return read as DerivativeOptions;
}
