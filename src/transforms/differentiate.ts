import { describeValue, formatShape } from "../_internal/format.ts";
import { INPUT, reverseWalk, tape } from "../tape/mod.ts";
import { operation as op } from "../primitives/mod.ts";
import { flattenTree, mapTree, stopGradient, type Tree, Variable } from "../variable/mod.ts";
import { apply, handleOf, passive, plainValue, rowOf } from "../variable/variable.ts";
import { zeros } from "./fit.ts";
import { type InputLeaf, isLeaf, leafToVariable, likeLeaf } from "./leaves.ts";
import { recordedWalk } from "./recorded_walk.ts";

/** What {@linkcode differentiate} found. */
export interface Derivatives {
  /** The value of the function; a number unless Variables went in. */
  readonly value: Variable | number;
  /** What the function returned beside its value. */
  readonly aux: unknown;
  /** One tree for each chosen argument. */
  readonly gradients: readonly unknown[];
}

/**
 * Runs a function with its chosen arguments lifted to leaves, walks back, and rewinds the tape, also when
 * the function throws. Rows stay only where an enclosing walk may differentiate the result again.
 *
 * @param name The transform's name, for messages
 * @param args What the function is called with
 * @param asGiven The same as the user passed it, whose form the gradients take
 */
export function differentiate(
  name: string,
  f: (...args: never[]) => unknown,
  args: readonly unknown[],
  argnums: readonly number[],
  hasAux: boolean,
  asGiven: readonly unknown[],
): Derivatives {
  const trees = argnums.map((i) => asGiven[i] as Tree<InputLeaf>);
  const all = trees.flatMap((tree) => flattenTree(tree, isLeaf));
  const regroup = <R>(flat: readonly R[]): readonly Tree<R>[] => {
    let next = 0;
    return trees.map((tree) => mapTree(tree, () => flat[next++]!, isLeaf));
  };
  const variables = all.map((leaf) => leafToVariable(leaf, name));
  const wantVariables = all.some((leaf) => leaf instanceof Variable);
  const nested = tape.depth > 0;
  const frame = tape.enter();
  let keepRows = false;
  try {
    const lifted = variables.map(lift);
    const full = [...args];
    regroup(lifted).forEach((tree, k) => full[argnums[k]!] = tree);
    const { output, aux } = checkOutput(name, f(...full as never[]), hasAux);
    const outside = tape.lowest < frame.mark || tape.metTrainable;
    const row = rowOf(output);
    const found = row < frame.mark
      ? lifted.map(() => undefined)
      : outside && (wantVariables || nested)
      ? recordedWalk(tape, frame.mark, row, lifted.map(rowOf))
      : eagerGradients(frame.mark, row, lifted);
    const gradients = found.map((g, i) => g ?? zeros(variables[i]!));
    keepRows = outside && (wantVariables || nested) && gradients.concat(output).some((g) => g.row >= 0);
    if (keepRows && !wantVariables && gradients.some((g) => g.row >= 0)) {
      throw new TypeError(
        `Cannot return the derivative from ${name}() as a number: it depends on a Variable that an enclosing ` +
          `grad() differentiates by; pass constant(x) instead of the number x`,
      );
    }
    const detach = (leaf: unknown): unknown =>
      leaf instanceof Variable && !keepRows ? stopGradient(leaf) : leaf;
    const value = keepRows ? output : stopGradient(output);
    return {
      value: wantVariables ? value : value.item(),
      aux: mapTree(aux as Tree<unknown>, detach),
      gradients: regroup(gradients.map((g, i) => likeLeaf(g, all[i]!))),
    };
  } catch (error) {
    keepRows = false;
    throw error;
  } finally {
    tape.leave(frame, keepRows);
  }
}

/** A fresh row for an input: linked to the input's own row if it has one, else a leaf. */
function lift(x: Variable): Variable {
  if (rowOf(x) >= 0) return apply(op.identity, [x], undefined);
  return handleOf(tape.leaf(INPUT, plainValue(x), x.dtype, x.name));
}

function eagerGradients(mark: number, row: number, lifted: readonly Variable[]): (Variable | undefined)[] {
  const adjoints = reverseWalk(tape, mark, row, 1);
  return lifted.map((x) => {
    const adjoint = adjoints.at(x.row);
    return adjoint === undefined ? undefined : passive(adjoint, x.dtype);
  });
}

/** Checks that a function returned one rank-0 Variable, or a pair of it and anything else. */
function checkOutput(name: string, result: unknown, hasAux: boolean): { output: Variable; aux: unknown } {
  if (result instanceof Promise || typeof (result as PromiseLike<unknown> | undefined)?.then === "function") {
    (result as Promise<unknown>).then(undefined, () => {});
    throw new TypeError(
      `Cannot differentiate an async function: ${name}() got a Promise; await the data first, then call ` +
        `${name}() on the synchronous part`,
    );
  }
  if (hasAux && !(Array.isArray(result) && result.length === 2)) {
    throw new TypeError(
      `Cannot differentiate with hasAux: the function must return [value, aux], it returned ${
        describeValue(result)
      }`,
    );
  }
  const [output, aux] = hasAux ? result as [unknown, unknown] : [result, undefined];
  if (typeof output === "number") return { output: passive(output, "float64"), aux };
  if (!(output instanceof Variable)) {
    throw new TypeError(
      `Cannot differentiate: the function must return a Variable, it returned ${describeValue(output)}` +
        (Array.isArray(output) && output.length === 2
          ? "; to return extra values, pass { hasAux: true }"
          : ""),
    );
  }
  if (output.array !== null) {
    throw new TypeError(
      `Cannot take the gradient of an output of shape ${formatShape(output.shape)}: only a number has a ` +
        `gradient, reduce it with sum() or mean()`,
    );
  }
  return { output, aux };
}
