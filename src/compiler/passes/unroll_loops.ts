import { sizeOf } from "../../array/shape.ts";
import { operation as op } from "../../primitives/mod.ts";
import { interpret } from "../graph/interpret.ts";
import { GraphLoop } from "../graph/loop.ts";
import { type Graph, type Node, operationNode, rewrite } from "../graph/nodes.ts";

/** Puts all steps of a loop in its place, one after the other: for targets that have no loops. */
export function unrollLoops(graph: Graph): Graph {
  return rewrite(
    graph,
    (node) => node.attributes instanceof GraphLoop ? unroll(node, node.attributes) : node,
  );
}

function unroll({ operands }: Node, { iteration, dtype, size }: GraphLoop): Node {
  const { states, slices, length, isReversed, keepsStates } = iteration;
  const step = unrollLoops(iteration.step);
  const over = operands.slice(states, states + slices);
  const fixed = operands.slice(states + slices);
  const [outputs, kept]: [Node[][], Node[][]] = [[], []];
  let state = operands.slice(0, states);
  for (let i = 0; i < length; i++) {
    const t = isReversed ? length - 1 - i : i;
    if (keepsStates) kept[t] = state;
    const inputs = [...state, ...over.map((x) => sliceOf(x, t)), ...fixed];
    const found = interpret<Node>(
      step,
      inputs,
      (node) => node,
      (node, given) => operationNode(node.operation!, given, node.attributes, node.dtype),
    );
    state = found.slice(0, states);
    outputs[t] = found.slice(states);
  }
  const column = (rows: readonly (readonly Node[])[]): Node[] =>
    (rows[0] ?? []).flatMap((_, k) => rows.map((row) => row[k]!));
  const parts = [...state, ...column(outputs), ...column(kept)].map((x) => reshaped(x, [sizeOf(x.shape)]));
  return reshaped(operationNode(op.concat, parts, { axis: 0 }, dtype), [size]);
}

/** Slice t of a value along its first axis. */
function sliceOf(x: Node, t: number): Node {
  const rest = x.shape.slice(1);
  const attributes = { begin: [t, ...rest.map(() => 0)], size: [1, ...rest] };
  return reshaped(operationNode(op.slice, [x], attributes, x.dtype), rest);
}

function reshaped(x: Node, shape: readonly number[]): Node {
  return operationNode(op.reshape, [x], { shape }, x.dtype);
}
