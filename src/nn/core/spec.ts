import { describeValue } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import { readShape } from "../../_internal/readers/mod.ts";
import type { DType } from "../../array/dtype.ts";
import type { Shape } from "../../array/shape.ts";
import { isNode } from "../../_internal/containers.ts";
import type { Operand, Tree, Variable } from "../../variable/mod.ts";

/** The shape of one example, without the batch axis; null for an axis whose length varies from batch to batch. */
export type ExampleShape = readonly (number | null)[];

/** What stands for a length that varies where shapes are found by running layers. */
const SOME_LENGTH = 32;

/**
 * Reads the shape of an example.
 *
 * @throws {TypeError} If it is no list of numbers and nulls
 * @throws {RangeError} If a length is not an integer from 0 up
 */
export function readExampleShape(operation: string, shape: unknown): ExampleShape {
  if (!Array.isArray(shape) || !shape.includes(null)) return readShape(operation, shape);
  readShape(operation, shape.map((length) => length ?? SOME_LENGTH));
  return Object.freeze([...shape]);
}

/** A shape for messages: `[2, any, 3]`. */
export function describeExampleShape(axes: ExampleShape): string {
  return `[${axes.map((length) => length ?? "any").join(", ")}]`;
}

/** Shape and dtype of a batch, without the batch axis. */
export class TensorSpec {
  /** The shape of one example; some length for an axis whose length varies. */
  readonly shape: Shape;
  /** The same with null for those. */
  readonly axes: ExampleShape;
  /** The element type. */
  readonly dtype: DType;

  /** Says what a batch is like. */
  constructor(shape: ExampleShape, dtype: DType) {
    this.axes = shape;
    this.shape = shape.map((length) => length ?? SOME_LENGTH);
    this.dtype = dtype;
  }

  /** Whether all lengths are known. */
  get isFixed(): boolean {
    return !this.axes.includes(null);
  }
}

/** Whether an example may have a shape. */
export function fitsExample(axes: ExampleShape, shape: Shape): boolean {
  return axes.length === shape.length && axes.every((length, i) => length === null || length === shape[i]);
}

/** What can be read as a tree of Variables: numbers and arrays in their places. */
export type Data<T> = T extends Variable ? Operand : { readonly [K in keyof T]: Data<T[K]> };

/** A leaf of a tree, and how it is called: names and numbers of the entries that lead to it. */
export interface NamedLeaf<L> {
  readonly name: string;
  readonly leaf: L;
}

/** The leaves of a tree of specs, with names such as `left` or `0`; the only leaf of a tree without nodes has none. */
export function namedLeaves<L>(tree: Tree<L>, name = ""): NamedLeaf<L>[] {
  if (!isNode(tree)) return [{ name, leaf: tree as L }];
  return Object.entries(tree).flatMap(([key, entry]) =>
    namedLeaves(entry as Tree<L>, name === "" ? key : `${name}_${key}`)
  );
}

/**
 * The parts of data that stand where a tree has leaves, in order.
 *
 * @param what For messages, such as `"the input of model"`
 * @throws {TypeError} If the data are not nested like the tree
 */
export function partsLike<L>(what: string, tree: Tree<L>, data: unknown): unknown[] {
  if (!isNode(tree)) return [data];
  const keys = Object.keys(tree);
  const given = isNode(data) && Array.isArray(data) === Array.isArray(tree) ? data : undefined;
  const wrong = given === undefined || Object.keys(given).length !== keys.length ||
    keys.some((key) => !Object.hasOwn(given, key));
  if (wrong) {
    throw new TypeError(
      message`Cannot read ${what}: expected ${
        Array.isArray(tree) ? `an array of ${keys.length}` : `{ ${keys.join(", ")} }`
      },
      got ${
        given === undefined || Array.isArray(given)
          ? describeValue(data)
          : `{ ${Object.keys(given).join(", ")} }`
      }`,
    );
  }
  const entries = given as Record<string, unknown>;
  return keys.flatMap((key) =>
    partsLike(what, (tree as Record<string, Tree<L>>)[key] as Tree<L>, entries[key])
  );
}
