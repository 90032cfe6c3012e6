import { message } from "../_internal/message.ts";
import { isPlainObject } from "../_internal/containers.ts";
import { isNumericArray, type NumericArray } from "../array/dtype.ts";
import { DEEPEST, NdArray, type NestedNumbers } from "../array/nd_array.ts";
import { sizeOf } from "../array/shape.ts";
import { countRows, readRows, type Rows, takeRows } from "./rows.ts";

/** What is one array, wherever it stands. */
export type OneArray = NdArray | NumericArray | readonly number[] | { toArray(): NdArray };

/**
 * One row of arrays: the array of one row (shape without the first axis) in the place of each array of a tuple or
 * object. At the top, an array of arrays is a tuple.
 */
export type RowArrays<A> = A extends OneArray ? NdArray : { readonly [K in keyof A]: RowField<A[K]> };

/** One row of an entry of a tuple or object of arrays. */
export type RowField<A> = A extends OneArray | NestedNumbers ? NdArray
  : { readonly [K in keyof A]: RowField<A[K]> };

/** A tuple or object of arrays with the same number of rows. */
export class TreeOfRows {
  /** The number of rows. */
  readonly count: number;
  readonly #arrays: readonly NdArray[];
  readonly #build: (leaves: readonly NdArray[]) => unknown;

  /**
   * Reads the arrays.
   *
   * @throws {TypeError} If the numbers of rows differ, or there are no arrays
   */
  constructor(tree: unknown) {
    const arrays: NdArray[] = [];
    this.#build = read(tree, arrays, []);
    this.#arrays = arrays;
    this.count = countRows("fromArrays", arrays);
  }

  /** One row, without the first axis. */
  row(i: number): unknown {
    return this.#build(this.#arrays.map((x) => {
      const shape = x.shape.slice(1);
      const size = sizeOf(shape);
      return new NdArray(x.data.slice(i * size, (i + 1) * size), shape);
    }));
  }

  /** Some rows, in the order given. */
  rows(order: Uint32Array): unknown {
    return this.#build(this.#arrays.map((x) => takeRows(x, order)));
  }
}

/** Collects the arrays of a tree; returns what puts others in their places. */
function read(
  tree: unknown,
  arrays: NdArray[],
  above: readonly unknown[],
): (leaves: readonly NdArray[]) => unknown {
  if (above.includes(tree)) {
    throw new TypeError(
      "Cannot make a Dataset from arrays: one of them contains itself, use arrays of numbers",
    );
  }
  if (isRows(tree, above.length === 0)) {
    const place = arrays.push(readRows("fromArrays", tree as Rows)) - 1;
    return (leaves) => leaves[place];
  }
  if (Array.isArray(tree)) {
    const parts = tree.map((entry) => read(entry, arrays, [...above, tree]));
    return (leaves) => parts.map((part) => part(leaves));
  }
  if (isPlainObject(tree)) {
    const parts = Object.entries(tree).map(([key, entry]) =>
      [key, read(entry, arrays, [...above, tree])] as const
    );
    return (leaves) => Object.fromEntries(parts.map(([key, part]) => [key, part(leaves)]));
  }
  throw new TypeError(
    message`Cannot make a Dataset from arrays: found ${tree}, use arrays, or a tuple or object of arrays`,
  );
}

/** Whether a value is one array. An array of numbers is one; nested numbers are one, but at the top they are a tuple. */
function isRows(value: unknown, isTop: boolean): boolean {
  if (value instanceof NdArray || isNumericArray(value)) return true;
  if (Array.isArray(value)) {
    return value.length > 0 &&
      (isTop ? value.every((entry) => typeof entry === "number") : value.every((entry) => isNested(entry)));
  }
  return typeof value === "object" && value !== null && "toArray" in value;
}

function isNested(value: unknown, depth: number = 0): boolean {
  return typeof value === "number" ||
    (Array.isArray(value) && depth < DEEPEST && value.every((entry) => isNested(entry, depth + 1)));
}
