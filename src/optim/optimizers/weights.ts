import { message } from "../../_internal/message.ts";
import { describeValue } from "../../_internal/format.ts";
import { isLeaf, likeLeaf } from "../../transforms/core/arguments.ts";
import { constant, type Operand, type Tree, unflattenTree, Variable } from "../../variable/mod.ts";
import { isNode } from "../../_internal/containers.ts";

/** Variables by path: the names of the entries that lead to each, joined by `/`, such as `encoder/0/kernel`. */
export type Weights = { readonly [path: string]: Variable };

/** Parameters, or their gradients: Variables, numbers or arrays, in arrays and objects nested in any way. */
export type Parameters = Tree<Operand>;

/** A leaf of a tree of parameters, as it was passed and as a Variable. */
export interface Leaf {
  readonly given: Operand;
  readonly variable: Variable;
}

/**
 * The leaves of a tree by path. An array of nothing but numbers is one leaf, as it is for `grad`.
 *
 * @param what What is done with them, for messages
 * @throws {TypeError} If a leaf is not made of numbers, or two have the same path
 */
export function readWeights(what: string, tree: Parameters): Map<string, Leaf> {
  const found = new Map<string, Leaf>();
  const visit = (value: unknown, path: string): void => {
    if (isNode(value) && !isLeaf(value)) {
      for (const [key, entry] of Object.entries(value)) visit(entry, path === "" ? key : `${path}/${key}`);
      return;
    }
    if (found.has(path)) throw new TypeError(message`Cannot ${what}: there are two parameters at ${path}`);
    if (typeof value !== "number" && !isLeaf(value)) {
      throw new TypeError(
        message`Cannot ${what}: ${path === "" ? "it" : path} is ${describeValue(value)}, use Variables,
        numbers or arrays, in arrays or objects`,
      );
    }
    const given = value as Operand;
    found.set(path, { given, variable: given instanceof Variable ? given : constant(given) });
  };
  visit(tree, "");
  return found;
}

/**
 * A tree of parameters with new values in it: Variables for Variables, under the same names, and numbers and
 * arrays for numbers and arrays unless an enclosing transform may still differentiate by them.
 */
export function replaceWeights<P extends Parameters>(
  tree: P,
  leaves: ReadonlyMap<string, Leaf>,
  next: (path: string) => Variable,
): P {
  const values = [...leaves].map(([path, { given }]) => {
    const value = next(path);
    if (value.row >= 0) return value;
    if (!(given instanceof Variable)) return likeLeaf(value, given);
    return given.name === undefined ? value : constant(value, { name: given.name });
  });
  return unflattenTree<Operand, Operand>(tree, values, isLeaf) as P;
}

/** Maps the Variables of weights. */
export function mapWeights(weights: Weights, f: (value: Variable, path: string) => Variable): Weights {
  return Object.fromEntries(Object.entries(weights).map(([path, value]) => [path, f(value, path)]));
}
