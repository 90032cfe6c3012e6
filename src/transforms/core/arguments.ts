import { readIntegers } from "../../_internal/readers/mod.ts";
import { isNode } from "../../_internal/containers.ts";
import { message } from "../../_internal/message.ts";
import { describeValue, formatShape } from "../../_internal/format.ts";
import { flattenTree, mapTree, type Tree, Variable } from "../../variable/mod.ts";
import { type InputLeaf, isLeaf, leafTestOf, leafToVariable } from "./leaves.ts";

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
