/** Results of a program, put where the function had its own. */
import { isNode, isPlainObject } from "../../_internal/containers.ts";
import type { DType } from "../../array/dtype.ts";
import type { Value } from "../../array/value.ts";
import { type Blas, type Graph, ResidentArray } from "../../compiler/mod.ts";
import { tape } from "../../tape/mod.ts";
import { type CompiledBranch, OutputSlot } from "./branches.ts";
import type { Call, DynamicLeaf } from "./call.ts";
import { stepOf } from "../core/compiled_step.ts";
import { customRow } from "../core/custom_row.ts";
import { runGraph } from "../core/graphs.ts";
import { jvp, vjp } from "../directional.ts";
import { type Tree, variable } from "../../variable/mod.ts";
import { plainValue, rowOf, zerosLike } from "../../variable/rows.ts";
import { handleOf, linkedVariable, untracked, Variable } from "../../variable/variable.ts";

/** What a compiled function was called with, for a derivative by it. */
export interface LinkedCall {
  readonly graph: Graph;
  /** What computes large products of the derivative, if not the kernels. */
  readonly blas: Blas | null;
  /** For each input of the graph a Variable that derivatives are by, or null. */
  readonly inputs: readonly (Variable | null)[];
  /** Their values at the time of the call. */
  readonly values: readonly Value[];
  /** Whether a donated argument depends on something that derivatives may be by: there is none, as it was given up. */
  readonly hasGivenUp: boolean;
}

/** Whether derivatives by a Variable may be wanted. */
export function isTracked(x: Variable): boolean {
  return x.trainable || x.row >= 0 || x.state?.link !== undefined;
}

/**
 * A result of a compiled function. Nothing is recorded before the result is used in something that is; then the program
 * is one row, whose derivative is compiled as well.
 */
export function linkedResult(call: LinkedCall, output: number, value: Value, dtype: DType): Variable {
  return linkedVariable(value, dtype, () => recordResult(call, output, untracked(value, dtype)));
}

/** What derivatives of the results are by; null where none is wanted. Donated arguments are given up, also for that. */
export function linkTo(
  { graph, blas, captured }: CompiledBranch,
  { leaves, argumentOf, resultForm }: Call,
  donate: ReadonlySet<number>,
): LinkedCall | null {
  if (resultForm !== "variable" || !tape.recording) return null;
  const isGivenUp = ({ variable }: DynamicLeaf, i: number): boolean =>
    variable !== null && donate.has(argumentOf[i]!) && isTracked(variable);
  if (leaves.some(isGivenUp)) return { graph, blas, inputs: [], values: [], hasGivenUp: true };
  const wanted = (x: Variable | null, i: number): x is Variable =>
    x !== null && !donate.has(argumentOf[i]!) && isTracked(x);
  if (captured.length === 0 && !leaves.some(({ variable }, i) => wanted(variable, i))) return null;
  const inputs = leaves.map(({ variable }, i) => wanted(variable, i) ? variable : null);
  return {
    graph,
    blas,
    inputs: [...inputs, ...captured],
    values: [...leaves.map(({ value }) => value), ...captured.map(plainValue)],
    hasGivenUp: false,
  };
}

/**
 * What derivatives of the results of a loop are by: nothing, as its state is given up; null where none is wanted.
 *
 * @param hasTracked Whether derivatives by an argument may be wanted
 */
export function linkToLoop(
  { graph, blas, captured }: CompiledBranch,
  hasTracked: boolean,
): LinkedCall | null {
  if (!tape.recording || !hasTracked && captured.length === 0) return null;
  return { graph, blas, inputs: [], values: [], hasGivenUp: true };
}

/** Whether derivatives by a Variable in an argument may be wanted. */
export function holdsTracked(arg: unknown): boolean {
  if (arg instanceof Variable) return isTracked(arg);
  return isPlainObject(arg) || (Array.isArray(arg) && typeof arg[0] !== "number")
    ? Object.values(arg).some(holdsTracked)
    : false;
}

function recordResult(call: LinkedCall, output: number, value: Variable): Variable {
  const { graph, blas, inputs, values } = call;
  if (call.hasGivenUp) return customRow("a compiled function", [variable(0)], value, GIVEN_UP);
  const operands = inputs.map((x, i) =>
    asItWas(x ?? untracked(values[i]!, graph.inputs[i]!.dtype), values[i]!)
  );
  const part: Graph = { inputs: graph.inputs, outputs: [graph.outputs[output]!] };
  const again = (...x: Variable[]): Variable => runGraph(part, x)[0]!;
  const isRecorded = (list: readonly Variable[]): boolean => list.some((x) => rowOf(x) >= 0);
  return customRow("a compiled function", operands, value, {
    vjp: (all, g) => {
      const given = all.slice(0, -1);
      if (isRecorded([...all, g])) {
        const [, pullback] = vjp(again)(...given);
        return [...(pullback as unknown as (g: Variable) => Variable[])(g), undefined];
      }
      const plain = given.map(plainValue);
      const found = stepOf(part, given.length, blas).backward(plain).run([...plain, plainValue(g)]);
      return [...found.map((slope, k) => untracked(slope, given[k]!.dtype)), undefined];
    },
    jvp: (all, tangents) => {
      const given = all.slice(0, -1);
      const moved = given.map((x, k) => tangents[k] ?? untracked(zerosLike(x), x.dtype));
      return jvp(again)(given, moved)[1] as Variable;
    },
  });
}

/** In place of derivatives by what has been given up: a zero would be wrong without a word. */
function refuse(): never {
  throw new TypeError(
    "Cannot differentiate a function compiled with donated arguments by one of them, which it gave up, or a step of a " +
      "loop: compile and call it without donate, or pass constant(x) if no derivative is wanted",
  );
}

const GIVEN_UP = { vjp: refuse, jvp: refuse };

/** A Variable with the value it had: a trainable one may have been given another since. */
function asItWas(x: Variable, value: Value): Variable {
  if (!x.trainable || !tape.recording || Object.is(plainValue(x), value)) return x;
  return handleOf(tape.ownedLeaf(x, value, x.dtype));
}

/**
 * Puts results of a program where the function had its own.
 *
 * @param link What derivatives of them are by; null where none is wanted
 */
export type Packer = (values: readonly Value[], link: LinkedCall | null) => unknown;

/**
 * Makes what packs the results of a program.
 *
 * @param part The tree of results with the numbers of outputs in their places; all of them by default
 */
export function makePacker(
  branch: CompiledBranch,
  form: Call["resultForm"],
  part: Tree<unknown> = branch.result,
): Packer {
  if (part instanceof OutputSlot) {
    return leafPacker(form, branch.program.outputTypes[part.index]!, part.index);
  }
  if (!isNode(part)) return () => part;
  if (Array.isArray(part)) {
    const entries = part.map((entry) => makePacker(branch, form, entry));
    return (values, link) => entries.map((pack) => pack(values, link));
  }
  const entries = Object.entries(part).map(([name, entry]) =>
    [name, makePacker(branch, form, entry)] as const
  );
  return (values, link) => {
    const packed: Record<string, unknown> = {};
    for (const [name, pack] of entries) setOwn(packed, name, pack(values, link));
    return packed;
  };
}

function leafPacker(form: Call["resultForm"], dtype: DType, index: number): Packer {
  if (form === "variable") return (values, link) => resultVariable(values[index]!, dtype, link, index);
  return (values) => {
    const value = values[index]!;
    if (typeof value === "number") return value;
    return form === "typed" ? value.data : form === "array" ? value.resolve() : value.toNested();
  };
}

/** Gives an object a property, also one that has another meaning when it is assigned to. */
function setOwn(object: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== "__proto__") object[name] = value;
  else Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
}

/** A result as a Variable: the only one on its array, so that it can be donated without a copy. */
function resultVariable(value: Value, dtype: DType, link: LinkedCall | null, output: number): Variable {
  const made = link === null ? untracked(value, dtype) : linkedResult(link, output, value, dtype);
  if (value instanceof ResidentArray) value.isKept = false;
  return made;
}
