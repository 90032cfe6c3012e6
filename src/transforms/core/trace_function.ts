import { message } from "../../_internal/message.ts";
import { describeValue } from "../../_internal/format.ts";
import { operation as op } from "../../primitives/mod.ts";
import { CONSTANT, type Frame, INPUT, tape } from "../../tape/mod.ts";
import { mapTree, stopGradient, type Tree, Variable } from "../../variable/mod.ts";
import { apply, handleOf, plainValue, rowOf } from "../../variable/variable.ts";
import type { Arguments } from "./arguments.ts";
import { isLeaf, leafToVariable } from "./leaves.ts";

/** A function that has just been recorded; its rows go when the frame ends, unless they are kept. */
export interface Recording {
  /** The frame; its mark is the first row. */
  readonly frame: Frame;
  /** The inputs as the function saw them. */
  readonly inputs: readonly Variable[];
  /** Their rows. */
  readonly inputRows: readonly number[];
  /** What the function returned, one after the other. */
  readonly outputs: readonly Variable[];
  /** Their rows; those that were not recorded have a constant leaf. */
  readonly outputRows: readonly number[];
  /** Puts one value for each output back into the structure that the function returned. */
  rebuild<R>(flat: readonly R[]): Tree<R>;
  /** What the function returned beside. */
  readonly aux: unknown;
  /** Whether what the walk computes may be differentiated by something outside, so that the rows stay. */
  readonly outside: boolean;
  /** A result as it is handed out: without its row if that goes. */
  handOut(x: Variable): Variable;
  /** Keeps the rows whatever is handed out. */
  keep(): void;
}

/** How a function is recorded. */
export interface RecordOptions {
  /** Whether it returns `[value, aux]`. */
  readonly hasAux: boolean;
  /** Whether derivatives by something outside are wanted even if nothing but numbers went in. */
  readonly wantVariables?: boolean;
  /** Whether the derivatives may be recorded where something outside wants them; true by default. */
  readonly recorded?: boolean;
  /** Values that take part in the walk beside the inputs, such as tangents. */
  readonly others?: readonly Variable[];
}

/**
 * Records a function and hands it to a walk, then drops the rows, also when something throws. They stay only
 * where an enclosing walk may differentiate the results again.
 */
export function record<R>(
  name: string,
  f: (...args: never[]) => unknown,
  args: Arguments,
  { hasAux, wantVariables = args.wantVariables, recorded = true, others = [] }: RecordOptions,
  walk: (recording: Recording) => R,
): R {
  const otherRows = others.map(rowOf);
  const wanted = recorded && tape.recording && (wantVariables || tape.depth > 0);
  const frame = tape.enter();
  let keepRows = false;
  try {
    const inputs = args.variables.map(lift);
    const { outputs, rebuild, aux } = readResult(name, f(...args.full(inputs) as never[]), hasAux);
    const outputRows = outputs.map((y) => {
      const row = rowOf(y);
      return row >= 0 ? row : tape.leaf(CONSTANT, plainValue(y), y.dtype);
    });
    const outside = wanted &&
      (tape.lowest < frame.mark || tape.metTrainable || otherRows.some((row) => row >= 0));
    // What is computed from here on is recorded only where it depends on something that comes later.
    if (!outside) tape.barrier = tape.length;
    let kept = false;
    const handOut = (x: Variable): Variable => {
      if (!outside) return detach(x);
      if (x.row >= 0) kept = true;
      return x;
    };
    const inputRows = inputs.map((x) => x.row);
    const result = walk({
      frame,
      inputs,
      inputRows,
      outputs,
      outputRows,
      rebuild,
      outside,
      handOut,
      keep: () => void (kept = true),
      aux: mapTree(aux as Tree<unknown>, (leaf) => leaf instanceof Variable ? handOut(leaf) : leaf),
    });
    keepRows = kept;
    return result;
  } finally {
    tape.leave(frame, keepRows);
  }
}

function detach(x: Variable): Variable {
  return x.row < 0 || x.trainable ? x : stopGradient(x);
}

/** A fresh row for an input: linked to the input's own row if it has one, else a leaf. */
export function lift(x: Variable): Variable {
  if (rowOf(x) >= 0) return apply(op.identity, [x], undefined);
  return handleOf(tape.leaf(INPUT, plainValue(x), x.dtype, x.name));
}

/** Checks what a function returned, and takes it apart. */
export function readResult(
  name: string,
  result: unknown,
  hasAux: boolean,
): { outputs: Variable[]; rebuild: <R>(flat: readonly R[]) => Tree<R>; aux: unknown } {
  const [tree, aux] = splitAux(name, result, hasAux);
  const outputs: Variable[] = [];
  mapTree(tree as Tree<unknown>, (leaf) => {
    if (leaf instanceof Variable) outputs.push(leaf);
    else if (typeof leaf === "number" || isLeaf(leaf)) outputs.push(leafToVariable(leaf as number, name));
    else {
      throw new TypeError(
        message`Cannot differentiate: the function must return Variables, in arrays or
        objects, it returned ${describeValue(leaf)}; to return other values, pass { hasAux: true }`,
      );
    }
  }, isLeaf);
  const rebuild = <R>(flat: readonly R[]): Tree<R> => {
    let next = 0;
    return mapTree(tree as Tree<unknown>, () => flat[next++]!, isLeaf);
  };
  return { outputs, rebuild, aux };
}

/** The value that a function returned, and what came beside it. */
export function splitAux(name: string, result: unknown, hasAux: boolean): [value: unknown, aux: unknown] {
  if (result instanceof Promise || typeof (result as PromiseLike<unknown> | undefined)?.then === "function") {
    (result as Promise<unknown>).then(undefined, () => {});
    throw new TypeError(
      message`Cannot differentiate an async function: ${name}() got a Promise; await the
      data first, then call ${name}() on the synchronous part`,
    );
  }
  if (!hasAux) return [result, undefined];
  if (!(Array.isArray(result) && result.length === 2)) {
    throw new TypeError(
      message`Cannot differentiate with hasAux: the function must return [value, aux], it
      returned ${describeValue(result)}`,
    );
  }
  return result as [unknown, unknown];
}
