import { message } from "../../_internal/message.ts";
import { compileGraph, type DonatedSlots, type GraphOptions, ResidentArray } from "../../compiler/mod.ts";
import { askForValues } from "../../array/deferred_array.ts";
import { numberOf } from "../../primitives/mod.ts";
import { tape } from "../../tape/mod.ts";
import { mapTree, type Tree, Variable } from "../../variable/mod.ts";
import { plainValue, rowOf } from "../../variable/rows.ts";
import { handleOf } from "../../variable/variable.ts";
import type { ReadVariable } from "../core/guard.ts";
import { leafTestOf } from "../core/leaves.ts";
import { type TracedGraph, traceGraph } from "../core/trace_graph.ts";
import { type CompiledBranch, type Decision, OutputSlot } from "./branches.ts";
import type { Call } from "./call.ts";
import { donatedLeaves, findDonations, slotsFor } from "./donations.ts";

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
