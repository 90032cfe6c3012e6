import { message } from "../../_internal/message.ts";
import { describeValue } from "../../_internal/format.ts";
import { NdArray } from "../../array/nd_array.ts";
import { type Shape, sizeOf } from "../../array/shape.ts";
import { type InputLeaf, isLeaf, leafToVariable, likeLeaf } from "../../transforms/core/arguments.ts";
import { constant, flattenTree, type Tree, unflattenTree, Variable } from "../../variable/mod.ts";

/** What a search looks for: the numbers of a tree as one float64 vector, and back. */
export class Unknowns {
  /** The numbers that the search starts from. */
  readonly start: Float64Array;
  /** The shape of each leaf. */
  readonly shapes: readonly Shape[];
  readonly #tree: Tree<InputLeaf>;
  readonly #leaves: readonly InputLeaf[];

  /**
   * Reads the start.
   *
   * @param name The function the user called, for messages
   * @throws {TypeError} If the tree holds anything but numbers, or none
   * @throws {RangeError} If a number is infinite or NaN
   */
  constructor(name: string, tree: unknown) {
    this.#tree = tree as Tree<InputLeaf>;
    this.#leaves = flattenTree(this.#tree, isLeaf);
    const arrays = this.#leaves.map((leaf) => leafToVariable(leaf, name).toArray());
    this.shapes = arrays.map((array) => array.shape);
    this.start = Float64Array.from(arrays.flatMap((array) => Array.from(array.data)));
    if (this.size === 0) {
      throw new TypeError(message`Cannot start ${name}() from ${describeValue(tree)}: it holds no numbers`);
    }
    const wrong = this.start.findIndex((value) => !Number.isFinite(value));
    if (wrong >= 0) {
      throw new RangeError(
        message`Cannot start ${name}() from x0: its number ${wrong} is
        ${this.start[wrong]}, use finite numbers`,
      );
    }
  }

  /** How many numbers there are. */
  get size(): number {
    return this.start.length;
  }

  /** The leaves of a point, as arrays of their own. */
  split(x: Float64Array): NdArray[] {
    let end = 0;
    return this.shapes.map((shape) => new NdArray(x.slice(end, end += sizeOf(shape)), shape));
  }

  /** The tree that the user's function takes, with Variables as leaves. */
  regroup(leaves: readonly Variable[]): unknown {
    return unflattenTree(this.#tree, leaves, isLeaf);
  }

  /** A vector in the form of the start: number for number, array for array, of the same dtype. */
  restore(x: Float64Array): unknown {
    const leaves = this.split(x).map((array, i) => {
      const leaf = this.#leaves[i]!;
      const dtype = leaf instanceof Variable || leaf instanceof NdArray ? leaf.dtype : "float64";
      return likeLeaf(constant(array, { dtype }), leaf);
    });
    return unflattenTree(this.#tree, leaves, isLeaf);
  }
}

/** Puts arrays one after the other into a vector. */
export function join(arrays: readonly NdArray[]): Float64Array {
  const vector = new Float64Array(arrays.reduce((sum, array) => sum + array.size, 0));
  let offset = 0;
  for (const array of arrays) {
    vector.set(array.data, offset);
    offset += array.size;
  }
  return vector;
}
