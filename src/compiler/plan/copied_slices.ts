import { sizeOf } from "../../array/shape.ts";
import { operation as op } from "../../primitives/mod.ts";
import { type Graph, type Node, operationNode } from "../graph/nodes.ts";
import { storageOf } from "./memory.ts";

/**
 * Copies results that are a small part of a large value. As a view of it they would keep all of its place until
 * the end of the program, so that nothing could be written over it.
 */
export function copySlices(graph: Graph): Graph {
  const outputs = graph.outputs.map((node) => {
    const { root } = storageOf(node);
    const [part, whole] = [sizeOf(node.shape), sizeOf(root.shape)];
    return root.value === null && part > 0 && 2 * part < whole ? copyOf(node) : node;
  });
  return outputs.every((node, i) => node === graph.outputs[i]) ? graph : { inputs: graph.inputs, outputs };
}

function copyOf(node: Node): Node {
  if (node.shape.length > 0) return operationNode(op.concat, [node], { axis: 0 }, node.dtype);
  const flat = operationNode(op.reshape, [node], { shape: [1] }, node.dtype);
  return operationNode(op.reshape, [copyOf(flat)], { shape: [] }, node.dtype);
}
