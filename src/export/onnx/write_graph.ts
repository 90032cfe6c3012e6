import { message } from "../../_internal/message.ts";
import type { Graph, Node } from "../../compiler/mod.ts";
import { interpret } from "../../compiler/mod.ts";
import { Draft } from "./draft.ts";
import { writerOf } from "./writers/mod.ts";
import { Writing } from "./writers/writing.ts";

/** A graph as it is written. */
export interface WrittenGraph {
  readonly draft: Draft;
  /** The values that are the results. */
  readonly outputs: readonly string[];
}

/**
 * Writes a graph as ONNX nodes.
 *
 * @param inputs The names of the inputs
 * @param reserved Other names that are taken
 * @throws {TypeError} If an operation has no counterpart in ONNX
 */
export function writeGraph(
  graph: Graph,
  inputs: readonly string[],
  reserved: readonly string[],
): WrittenGraph {
  const draft = new Draft([...inputs, ...reserved]);
  const outputs = interpret<string>(
    graph,
    inputs,
    ({ value, shape, dtype }) => {
      draft.source = "constant";
      return draft.constant(dtype, shape, typeof value === "number" ? [value] : value!.data);
    },
    (node, operands) => writeNode(draft, node, operands),
  );
  return { draft, outputs };
}

function writeNode(draft: Draft, node: Node, operands: readonly string[]): string {
  const operation = node.operation!;
  const writer = writerOf(operation);
  if (typeof writer !== "function") {
    throw new TypeError(
      message`Cannot export ${operation.name}: ${writer.refused} (of ${node.operands.map((o) => o.shape)})`,
    );
  }
  draft.source = operation.name;
  const { primitive } = operation;
  const { shape, dtype, attributes } = node;
  // The operators of ONNX take operands of one type, and give that type.
  const type = primitive.dtype === undefined || operation.name === "cast" ? dtype : undefined;
  const inputs = operands.map((name, k) => {
    const from = node.operands[k]!.dtype;
    const fits = type === undefined || from === type || (primitive.untyped?.includes(k) ?? false);
    return fits ? name : draft.emit("Cast", [name], { to: type === "float64" ? 11 : 1 });
  });
  const shapes = node.operands.map((o) => o.shape);
  const dtypes = node.operands.map((o) => o.dtype);
  return writer(new Writing(draft, { inputs, attributes, shapes, dtypes, shape, dtype }));
}
