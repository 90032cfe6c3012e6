/** Compiled functions for one path of branches: how they are recorded, and which results take the places of which arguments. */
import { message } from "../../_internal/message.ts";
import { askForValues } from "../../array/deferred_array.ts";
import {
  compileGraph,
  type DonatedSlots,
  type Donations,
  type GraphOptions,
  type Node,
  ResidentArray,
  sameType,
  type SlotSource,
} from "../../compiler/mod.ts";
import { numberOf } from "../../primitives/mod.ts";
import { tape } from "../../tape/mod.ts";
import { type CompiledBranch, type Decision, OutputSlot } from "./branches.ts";
import type { Call } from "./call.ts";
import { leafTestOf } from "../core/arguments.ts";
import { type TracedGraph, traceGraph } from "../core/graphs.ts";
import type { ReadVariable } from "../core/guard.ts";
import { mapTree, type Tree, Variable } from "../../variable/mod.ts";
import { plainValue, rowOf } from "../../variable/rows.ts";
import { handleOf } from "../../variable/variable.ts";

/** The leaves of a call that are parts of donated arguments. */
export function donatedLeaves({ leaves, argumentOf }: Call, donate: ReadonlySet<number>): number[] {
  return [...leaves.keys()].filter((leaf) => donate.has(argumentOf[leaf]!));
}

/**
 * Donations go by position: the leaves of the donated arguments and those of the results are paired in order as
 * long as they are of the same type, as in `(state, x) => [state, loss]`; from the first that is not, each leaf
 * takes the next result of its type. A single number needs no place.
 *
 * @param outputs The results of the function, without what was recorded for branches
 */
export function findDonations(
  donated: readonly number[],
  inputs: readonly Node[],
  outputs: readonly Node[],
): Donations {
  const donations = new Map<number, number>();
  const free = new Set(outputs.keys());
  let isAligned = true;
  donated.forEach((input, i) => {
    const node = inputs[input]!;
    isAligned &&= outputs[i] !== undefined && sameType(outputs[i], node);
    const output = isAligned ? i : [...free].find((o) => sameType(outputs[o]!, node));
    if (output === undefined) return;
    free.delete(output);
    if (node.shape.length > 0) donations.set(input, output);
  });
  return donations;
}

/** The places of the donated leaves of a call: one for each leaf of each argument, whatever the program. */
export function slotsFor(slots: DonatedSlots, call: Call): SlotSource {
  return {
    take(input, shape, dtype) {
      const argument = call.argumentOf[input]!;
      return slots.take(`${argument} ${input - call.argumentOf.indexOf(argument)}`, shape, dtype);
    },
    release: (slot) => slots.release(slot),
  };
}

/** A function to compile. */
export interface Compilation extends Pick<GraphOptions, "target" | "threading" | "blas"> {
  readonly f: (...args: unknown[]) => unknown;
  /** Arguments that are passed on as they are. */
  readonly statics: ReadonlySet<number>;
  /** Arguments whose memory the results may take over. */
  readonly donate: ReadonlySet<number>;
  /** Where donated arrays stand. */
  readonly slots: DonatedSlots;
  readonly habits: { needsValues: boolean };
}

/** What a function did when it was recorded. */
interface Trace {
  readonly result: Tree<unknown>;
  readonly decisions: readonly Decision[];
}

/** Records the function once, and makes a program of the rows. */
export function compileBranch(
  compilation: Compilation,
  call: Call,
  args: readonly unknown[],
): CompiledBranch {
  const { graph, captured, result: { result, decisions } } = traceCall(compilation, call, args);
  const stranger = captured.find((x) => !x.trainable);
  if (stranger !== undefined) {
    throw new TypeError(
      message`Cannot compile: the function uses a Variable
      (${stranger.toString()}) that was computed outside of it from trainable Variables; pass it as
      an argument, or compute it inside`,
    );
  }
  const { target, threading, blas = null, donate, slots } = compilation;
  const outputs = graph.outputs.slice(0, graph.outputs.length - decisions.length);
  // A run that turns out to branch otherwise must leave its arguments as they were.
  const donated = decisions.length > 0 ? [] : donatedLeaves(call, donate);
  const program = compileGraph(graph, {
    target,
    threading,
    blas,
    donations: findDonations(donated, graph.inputs, outputs),
    givenUp: donated,
    resident: new Set([...call.leaves.keys()].filter((i) => call.leaves[i]!.value instanceof ResidentArray)),
    slots: slotsFor(slots, call),
    keepsResults: true,
  });
  return { program, graph: { inputs: graph.inputs, outputs }, blas, captured, decisions, result };
}

/** Records the function with the arguments of a call. */
export function traceCall(
  { f, statics, habits }: Compilation,
  call: Call,
  args: readonly unknown[],
): TracedGraph<Trace> {
  const branches: { readonly row: number; readonly stamp: number; readonly taken: boolean }[] = [];
  const onRead = (variable: ReadVariable, how: string): boolean => {
    if (how !== ".truthy()") throw unreadable(how);
    if (tape.withoutValues) askForValues();
    const x = variable as Variable;
    const row = rowOf(x);
    branches.push({ row, stamp: x.stamp, taken: numberOf(plainValue(x)) !== 0 });
    return true;
  };
  const inputs = call.leaves.map((leaf) => ({ ...leaf, name: leaf.variable?.name }));
  return traceGraph(inputs, { where: "compile()", variablesDiffer: true, habits, onRead }, (lifted) => {
    let next = 0;
    const lift = (leaf: unknown): unknown =>
      typeof leaf !== "number" && !leafTestOf(leaf)(leaf) ? leaf : lifted[next++]!;
    const full = args.map((arg, i) =>
      statics.has(i) ? arg : mapTree(arg as Tree<unknown>, lift, leafTestOf(arg))
    );
    const returned = checkSynchronous(f(...full));
    const outputs: Variable[] = [];
    const result = mapTree(returned as Tree<unknown>, (leaf) => {
      if (!(leaf instanceof Variable)) return leaf;
      outputs.push(leaf);
      return new OutputSlot(outputs.length - 1);
    });
    const decisions = branches.map(({ row, stamp, taken }): Decision => {
      if (row >= tape.length || tape.stamps[row] !== stamp) {
        throw new TypeError(
          "Cannot compile a branch on a value inside a derivative that drops it: use where(condition, a, b) there",
        );
      }
      outputs.push(handleOf(row));
      return { output: outputs.length - 1, taken };
    });
    return { outputs, result: { result, decisions } };
  });
}

function checkSynchronous(result: unknown): unknown {
  if (typeof (result as PromiseLike<unknown> | undefined)?.then !== "function") return result;
  (result as Promise<unknown>).then(undefined, () => {});
  throw new TypeError(
    "Cannot compile an async function: it returned a Promise; await the data first, then call the compiled " +
      "synchronous part",
  );
}

function unreadable(how: string): TypeError {
  return new TypeError(
    message`Cannot read ${how} inside compile(): the value depends on the arguments of
    the call or on a trainable Variable, and the recording serves other calls too; use where(condition, a, b), or
    condition.truthy() for a branch, which records one program for each way it goes`,
  );
}
