import { describeValue } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import type { DType } from "../../array/dtype.ts";
import type { Shape } from "../../array/shape.ts";
import { isNode } from "../../_internal/containers.ts";
import type { Operand, Tree, Variable } from "../../variable/mod.ts";

/** Shape and dtype of a batch, without the batch axis. */
export class TensorSpec {
  /** The shape of one example. */
  readonly shape: Shape;
  /** The element type. */
  readonly dtype: DType;

  /** Says what a batch is like. */
  constructor(shape: Shape, dtype: DType) {
    this.shape = shape;
    this.dtype = dtype;
  }
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
