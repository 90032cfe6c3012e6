import { message } from "../../_internal/message.ts";
import { describeValue } from "../../_internal/format.ts";
import { roundTo } from "../../array/dtype.ts";
import { findDependences, OUTER, reverseWalk, tape } from "../../tape/mod.ts";
import { Variable } from "../../variable/mod.ts";
import { untracked } from "../../variable/variable.ts";
import { type Arguments, likeLeaf, readArguments } from "./arguments.ts";
import { recordedWalk, zeros } from "./differentiable_walks.ts";
import { splitAux, traceFunction } from "./trace_function.ts";

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
 * @param userArguments The same as the user passed it, whose form the gradients take
 * @param wantValue Whether the value is handed out
 */
export function differentiate(
  name: string,
  f: (...args: never[]) => unknown,
  args: readonly unknown[],
  argnums: readonly number[],
  hasAux: boolean,
  userArguments: readonly unknown[],
  wantValue: boolean,
): Derivatives {
  const read = readArguments(name, args, argnums, userArguments);
  const checked = (...full: never[]): unknown => {
    const result = f(...full);
    checkScalar(splitAux(name, result, hasAux)[0]);
    return result;
  };
  return traceFunction(name, checked, read, { hasAux }, (r) => {
    const [output, row] = [r.outputs[0]!, r.outputRows[0]!];
    const found = pullBack(r.frame.mark, row, untracked(1, output.dtype), r.inputRows, r.isNested);
    const gradients = found.map((g, i) => r.detachUnlessNested(g ?? zeros(r.inputs[i]!)));
    if (r.isNested && wantValue && !read.wantVariables && dependsOnOutside(r.frame.mark, row)) {
      throw lostDependence(name);
    }
    return {
      value: !wantValue ? 0 : read.wantVariables ? r.detachUnlessNested(output) : output.number,
      aux: r.aux,
      gradients: formLike(name, gradients, read),
    };
  });
}

/** Walks back from one row, recorded or at once. */
export function pullBack(
  mark: number,
  row: number,
  seed: Variable,
  inputRows: readonly number[],
  recorded: boolean,
): (Variable | undefined)[] {
  if (row < mark) return inputRows.map((input) => input === row ? seed : undefined);
  if (recorded) return recordedWalk(tape, mark, [[row, seed]], inputRows);
  const adjoints = reverseWalk(tape, mark, row, seed.array ?? seed.number);
  return inputRows.map((input) => {
    const adjoint = adjoints.at(input);
    if (adjoint === undefined) return undefined;
    const dtype = tape.dtypeOf(input);
    // The walk adds up numbers in float64.
    return untracked(typeof adjoint === "number" ? roundTo(dtype, adjoint) : adjoint, dtype);
  });
}

/** Derivatives in the form of the inputs, one tree for each chosen argument. */
export function formLike(name: string, derivatives: readonly Variable[], read: Arguments): unknown[] {
  return read.regroup(derivatives.map((g, i) => {
    const leaf = read.leaves[i]!;
    if (!(leaf instanceof Variable) && g.row >= 0) throw lostDependence(name);
    return likeLeaf(g, leaf);
  }));
}

/** Whether a recorded value depends on what an enclosing walk may differentiate by. */
function dependsOnOutside(mark: number, row: number): boolean {
  return row < mark || (findDependences(tape, mark, row + 1, [])[row - mark]! & OUTER) !== 0;
}

/** What is thrown in place of a number that an enclosing transform may differentiate. */
function lostDependence(name: string): TypeError {
  return new TypeError(
    message`Cannot return the derivative from ${name}() as a number: it depends on a
    Variable that an enclosing grad() differentiates by, or on a trainable one; pass constant(x) instead of the
    number x`,
  );
}

/** Checks that a function returned one rank-0 Variable. */
function checkScalar(output: unknown): void {
  if (typeof output === "number") return;
  if (!(output instanceof Variable)) {
    throw new TypeError(
      message`Cannot differentiate: the function must return a Variable, it returned
      ${describeValue(output)}${
        Array.isArray(output) && output.length === 2 ? "; to return extra values, pass { hasAux: true }" : ""
      }`,
    );
  }
  if (output.array !== null) {
    throw new TypeError(
      message`Cannot take the gradient of an output of shape ${output.shape}: only a
      number has a gradient, reduce it with sum() or mean()`,
    );
  }
}
