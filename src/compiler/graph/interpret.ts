import type { Value } from "../../array/value.ts";
import { type Graph, type Node, nodesOf } from "./nodes.ts";

/** Something that computes the results of a program from its inputs. */
export type Executable = (inputs: readonly Value[]) => Value[];

/** The nodes of a graph in order, with indices in place of references. */
interface Schedule {
  readonly nodes: readonly Node[];
  /** The operands of each node. */
  readonly operands: readonly (readonly number[])[];
  /** The values that nothing reads after each node. */
  readonly lastUses: readonly (readonly number[])[];
  readonly outputs: readonly number[];
}

const schedules = new WeakMap<Graph, Schedule>();

/**
 * Runs a graph over values of any kind: plain values, Variables, batches, rows of the tape.
 *
 * @param inputs What stands for each input
 * @param constant What stands for a constant
 * @param apply Does the operation of a node
 * @returns What stands for each result
 */
export function interpret<T>(
  graph: Graph,
  inputs: readonly T[],
  constant: (node: Node) => T,
  apply: (node: Node, operands: T[]) => T,
): T[] {
  let schedule = schedules.get(graph);
  if (schedule === undefined) schedules.set(graph, schedule = scheduleOf(graph));
  const { nodes, operands, lastUses, outputs } = schedule;
  const values: (T | undefined)[] = new Array(nodes.length);
  nodes.forEach((node, i) => {
    values[i] = node.operation !== null
      ? apply(node, operands[i]!.map((o) => values[o]!))
      : node.input >= 0
      ? inputs[node.input]!
      : constant(node);
    for (const done of lastUses[i]!) values[done] = undefined;
  });
  return outputs.map((o) => values[o]!);
}

function scheduleOf(graph: Graph): Schedule {
  const nodes = nodesOf(graph);
  const indices = new Map(nodes.map((node, i) => [node, i]));
  const operands = nodes.map((node) => node.operands.map((o) => indices.get(o)!));
  const outputs = graph.outputs.map((o) => indices.get(o)!);
  return { nodes, operands, lastUses: findLastUses(operands, outputs), outputs };
}

/** Runs a program node by node in plain TypeScript: where there is no WebAssembly SIMD, and to compare. */
export function replay(graph: Graph): Executable {
  return function replayed(inputs: readonly Value[]): Value[] {
    return interpret<Value>(
      graph,
      inputs,
      (node) => node.value!,
      (node, operands) => node.operation!.evaluate(operands, node.attributes, node.dtype),
    );
  };
}

/** For each node the operands that nothing reads after it. */
function findLastUses(operands: readonly (readonly number[])[], outputs: readonly number[]): number[][] {
  const last = new Map<number, number>();
  operands.forEach((list, i) => list.forEach((o) => last.set(o, i)));
  outputs.forEach((o) => last.delete(o));
  const uses: number[][] = operands.map(() => []);
  for (const [operand, at] of last) uses[at]!.push(operand);
  return uses;
}
