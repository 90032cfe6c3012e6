import { isList } from "../_internal/readers/mod.ts";
import { isNode } from "../_internal/containers.ts";
import { message } from "../_internal/message.ts";
import { describeValue } from "../_internal/format.ts";

/** Leaves in arrays and objects, nested in any way. */
export type Tree<L> = L | readonly Tree<L>[] | { readonly [key: string]: Tree<L> };

/**
 * Maps the leaves of a tree, keeping its structure.
 *
 * @param isLeaf Says of an array or object that it is a leaf; other values always are
 * @throws {TypeError} If the tree contains itself
 */
export function mapTree<L, R>(
  tree: Tree<L>,
  f: (leaf: L) => R,
  isLeaf: (value: unknown) => boolean = () => false,
): Tree<R> {
  checkCallable("map a tree", f);
  checkCallable("map a tree", isLeaf);
  if (!isNode(tree) || isLeaf(tree)) return f(tree as L);
  const ancestors: unknown[] = [];
  const visit = (node: Tree<L>): Tree<R> => {
    if (!isNode(node) || isLeaf(node)) return f(node as L);
    if (ancestors.includes(node)) throw containsItself(node);
    ancestors.push(node);
    const mapped = Array.isArray(node)
      ? node.map((entry) => visit(entry as Tree<L>))
      : Object.fromEntries(Object.entries(node).map(([key, entry]) => [key, visit(entry as Tree<L>)]));
    ancestors.pop();
    return mapped;
  };
  return visit(tree);
}

function checkCallable(action: string, f: unknown): void {
  if (typeof f === "function") return;
  throw new TypeError(message`Cannot ${action} by ${describeValue(f)}: pass a function of a leaf`);
}

function containsItself(node: unknown): TypeError {
  return new TypeError(
    message`Cannot walk over a tree that contains itself: ${
      describeValue(node)
    } stands inside of itself, pass what
    belongs to it as plain arrays and objects`,
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
  if (!isList(leaves)) {
    throw new TypeError(
      message`Cannot build a tree of ${describeValue(leaves)}: pass a list with a value for each leaf`,
    );
  }
  let next = 0;
  return mapTree(tree, (_: L) => leaves[next++]!, isLeaf);
}

/**
 * Maps the leaves of two trees of the same structure together.
 *
 * @throws {TypeError} If the structures differ
 */
export function mapTrees<A, B, R>(f: (a: A, b: B) => R, treeA: Tree<A>, treeB: Tree<B>): Tree<R> {
  checkCallable("map two trees", f);
  const ancestors: unknown[] = [];
  const visit = (treeA: Tree<A>, treeB: Tree<B>): Tree<R> => {
    if (!isNode(treeA)) return f(treeA as A, treeB as B);
    if (!isNode(treeB) || Array.isArray(treeA) !== Array.isArray(treeB)) throw differ(treeA, treeB);
    if (ancestors.includes(treeA)) throw containsItself(treeA);
    ancestors.push(treeA);
    const a = treeA as Record<string, Tree<A>>;
    const b = treeB as Record<string, Tree<B>>;
    const keys = Object.keys(a);
    if (keys.length !== Object.keys(b).length || !keys.every((key) => Object.hasOwn(b, key))) {
      throw differ(treeA, treeB);
    }
    const entries = keys.map((key) => [key, visit(a[key]!, b[key]!)] as const);
    ancestors.pop();
    return Array.isArray(treeA) ? entries.map(([, value]) => value) : Object.fromEntries(entries);
  };
  return visit(treeA, treeB);
}

function differ(a: unknown, b: unknown): TypeError {
  const show = (value: unknown): string =>
    isNode(value) && !Array.isArray(value) ? `keys ${Object.keys(value).join(", ")}` : describeValue(value);
  return new TypeError(message`Cannot map two trees of different structure together: ${show(a)} and
    ${show(b)}`);
}
