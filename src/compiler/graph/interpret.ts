import type { Value } from "../../array/value.ts";
import { type Graph, nodesOf } from "./nodes.ts";

/** Something that computes the results of a program from its inputs. */
export type Executable = (inputs: readonly Value[]) => Value[];

/** Runs a program node by node in plain TypeScript: where there is no WebAssembly SIMD, and to compare. */
export function replay(graph: Graph): Executable {
  const nodes = nodesOf(graph);
  const numbers = new Map(nodes.map((node, i) => [node, i]));
  const operands = nodes.map((node) => node.operands.map((o) => numbers.get(o)!));
  const outputs = graph.outputs.map((o) => numbers.get(o)!);
  const lastUse = findLastUses(operands, outputs);
  return function replayed(inputs: readonly Value[]): Value[] {
    const values: (Value | undefined)[] = new Array(nodes.length);
    nodes.forEach((node, i) => {
      values[i] = node.operation === null
        ? node.value ?? inputs[node.input]!
        : node.operation.evaluate(operands[i]!.map((o) => values[o]!), node.attributes, node.dtype);
      for (const done of lastUse[i]!) values[done] = undefined;
    });
    return outputs.map((o) => values[o]!);
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
