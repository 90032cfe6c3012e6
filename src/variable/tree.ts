import { isNode } from "../_internal/containers.ts";
import { message } from "../_internal/message.ts";
import { describeValue } from "../_internal/format.ts";

/** Leaves in arrays and objects, nested in any way. */
export type Tree<L> = L | readonly Tree<L>[] | { readonly [key: string]: Tree<L> };

/**
 * Maps the leaves of a tree, keeping its structure.
 *
 * @param isLeaf Says of an array or object that it is a leaf; other values always are
 */
export function mapTree<L, R>(
  tree: Tree<L>,
  f: (leaf: L) => R,
  isLeaf: (value: unknown) => boolean = () => false,
): Tree<R> {
  if (!isNode(tree) || isLeaf(tree)) return f(tree as L);
  if (Array.isArray(tree)) return tree.map((entry) => mapTree(entry as Tree<L>, f, isLeaf));
  return Object.fromEntries(
    Object.entries(tree).map(([key, entry]) => [key, mapTree(entry as Tree<L>, f, isLeaf)]),
  );
}

/** The leaves of a tree, in order. */
export function flattenTree<L>(tree: Tree<L>, isLeaf?: (value: unknown) => boolean): L[] {
  const leaves: L[] = [];
  mapTree(tree, (leaf: L) => void leaves.push(leaf), isLeaf);
  return leaves;
}

/** The structure of one tree with other leaves, given in order. */
export function unflattenTree<L, R>(
  tree: Tree<L>,
  leaves: readonly R[],
  isLeaf?: (value: unknown) => boolean,
): Tree<R> {
  let next = 0;
  return mapTree(tree, (_: L) => leaves[next++]!, isLeaf);
}

/**
 * Maps the leaves of two trees of the same structure together.
 *
 * @throws {TypeError} If the structures differ
 */
export function mapTrees<A, B, R>(f: (a: A, b: B) => R, treeA: Tree<A>, treeB: Tree<B>): Tree<R> {
  if (!isNode(treeA)) return f(treeA as A, treeB as B);
  if (!isNode(treeB) || Array.isArray(treeA) !== Array.isArray(treeB)) throw differ(treeA, treeB);
  const a = treeA as Record<string, Tree<A>>;
  const b = treeB as Record<string, Tree<B>>;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length || keys.some((key) => !(key in b))) throw differ(treeA, treeB);
  if (Array.isArray(treeA)) return keys.map((key) => mapTrees(f, a[key]!, b[key]!));
  return Object.fromEntries(keys.map((key) => [key, mapTrees(f, a[key]!, b[key]!)]));
}

function differ(a: unknown, b: unknown): TypeError {
  const show = (value: unknown): string =>
    isNode(value) && !Array.isArray(value) ? `keys ${Object.keys(value).join(", ")}` : describeValue(value);
  return new TypeError(message`Cannot map two trees of different structure together: ${show(a)} and
    ${show(b)}`);
}
