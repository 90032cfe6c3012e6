import { apply } from "../../variable/apply.ts";
import { plainValue, rowOf } from "../../variable/rows.ts";
import { handleOf, weakHandleOf } from "../../variable/variable.ts";
import { message } from "../../_internal/message.ts";
import { describeValue } from "../../_internal/format.ts";
import { operation as op } from "../../primitives/mod.ts";
import { CONSTANT, findDependences, type Frame, INNER, INPUT, tape } from "../../tape/mod.ts";
import { mapTree, stopGradient, type Tree, Variable } from "../../variable/mod.ts";
import { type Arguments, isLeaf, leafToVariable } from "./arguments.ts";

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
  /** The auxiliary values that the function returned. */
  readonly aux: unknown;
  /** Whether an enclosing transform may differentiate what the walk computes, so that the rows stay. */
  readonly isNested: boolean;
  /** A result as it is returned: without its row if that goes. */
  detachUnlessNested(x: Variable): Variable;
}

/** How a function is recorded. */
export interface TraceFunctionOptions {
  /** Whether it returns `[value, aux]`. */
  readonly hasAux: boolean;
  /** Whether derivatives by something outside are wanted even if nothing but numbers went in. */
  readonly wantVariables?: boolean;
  /** Whether the derivatives may be recorded where something outside wants them; true by default. */
  readonly recorded?: boolean;
  /** Values that take part in the walk beside the inputs, such as tangents. */
  readonly extraOperands?: readonly Variable[];
}

/**
 * Records a function and hands it to a walk, then drops the rows, also when something throws. They stay only
 * where an enclosing walk may differentiate the results again.
 */
export function traceFunction<R>(
  name: string,
  f: (...args: never[]) => unknown,
  args: Arguments,
  { hasAux, wantVariables = args.wantVariables, recorded = true, extraOperands = [] }: TraceFunctionOptions,
  walk: (recording: Recording) => R,
): R {
  const extraRows = extraOperands.map(rowOf);
  const wanted = recorded && tape.recording && (wantVariables || tape.depth > 0);
  return tape.frame(`${name}()`, (frame) => {
    const inputs = args.variables.map(lift);
    const inputRows = inputs.map((x) => x.row);
    const { outputs, rebuild, aux } = readResult(name, f(...args.full(inputs) as never[]), hasAux);
    const outputRows = outputs.map((y) => {
      const row = rowOf(y);
      return row >= 0 ? row : tape.leaf(CONSTANT, plainValue(y), y.dtype);
    });
    checkNotReadOut(name, frame.mark, inputRows, outputRows);
    const isNested = wanted &&
      (tape.lowest < frame.mark || tape.metTrainable || extraRows.some((row) => row >= 0));
    const detachUnlessNested = (x: Variable): Variable => {
      if (!isNested) return detach(x);
      if (x.row >= 0) frame.keepsRows = true;
      return x;
    };
    const run = (): R =>
      walk({
        frame,
        inputs,
        inputRows,
        outputs,
        outputRows,
        rebuild,
        isNested,
        detachUnlessNested,
        aux: mapTree(aux as Tree<unknown>, (leaf) =>
          leaf instanceof Variable ? detachUnlessNested(leaf) : leaf),
      });
    // What is computed from here on is recorded only where it depends on something that comes later.
    return isNested ? run() : tape.scope({ barrier: tape.length }, run);
  });
}

/**
 * Refuses a function of which no output depends on an input, but plain numbers that were read out of what does: its
 * derivative would be a silent zero.
 */
function checkNotReadOut(
  name: string,
  mark: number,
  inputRows: readonly number[],
  outputRows: readonly number[],
): void {
  const { reads } = tape;
  if (reads === null || outputRows.length === 0) return;
  const depends = findDependences(tape, mark, tape.length, inputRows);
  const isInner = (row: number): boolean => row >= mark && (depends[row - mark]! & INNER) !== 0;
  if (outputRows.some(isInner)) return;
  const read = reads.find(({ row, stamp }) => tape.stamps[row] === stamp && isInner(row));
  if (read === undefined) return;
  throw new TypeError(
    message`Cannot differentiate in ${name}(): no output depends on an input, but ${read.how} read a value that does as
    plain numbers, which have no derivative; compute with operations on Variables instead, or write
    stopGradient() where no derivative is wanted`,
  );
}

function detach(x: Variable): Variable {
  return x.row < 0 || x.trainable ? x : stopGradient(x);
}

/** A fresh row for an input: linked to the input's own row if it has one, else a leaf. */
export function lift(x: Variable): Variable {
  const handle = x.state?.takesOtherDtype === true ? weakHandleOf : handleOf;
  const row = rowOf(x) < 0
    ? tape.leaf(INPUT, plainValue(x), x.dtype, x.name)
    : apply(op.identity, [x], undefined).row;
  return handle(row);
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

/** The value that a function returned, and its auxiliary values. */
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
