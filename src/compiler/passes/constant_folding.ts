import { sameShape, sizeOf } from "../../array/shape.ts";
import { constantNode, type Graph, type Node, operationNode, rewrite } from "../graph/nodes.ts";

/** Constants larger than this are left to be computed, unless an operand is as large. */
const LARGEST = 4096;

/** Puts one number in place of a constant array of equal numbers, where the operation broadcasts it. */
export function shrinkUniformConstants(graph: Graph): Graph {
  return rewrite(graph, withSmallOperands);
}

/** A node with single numbers for operands that are constant arrays of equal numbers. */
export function withSmallOperands(node: Node): Node {
  const { operation, operands, shape, attributes, dtype } = node;
  if (operation?.primitive.lower === undefined) return node;
  let hasArray = false;
  for (const { value } of operands) hasArray ||= value !== null && typeof value !== "number";
  if (!hasArray) return node;
  const small = operands.map((o) => {
    const number = uniformNumber(o);
    return number === undefined ? o : constantNode(number, o.dtype);
  });
  if (small.every((o, k) => o === operands[k])) return node;
  const shrunk = operationNode(operation, small, attributes, dtype);
  return sameShape(shrunk.shape, shape) ? shrunk : node;
}

/** The number that every element of a constant array is; undefined if they differ, or for other nodes. */
function uniformNumber({ value }: Node): number | undefined {
  if (value === null || typeof value === "number" || value.size === 0) return undefined;
  const first = value.data[0]!;
  return value.data.every((x) => Object.is(x, first)) ? first : undefined;
}

/** Computes what depends on constants alone while compiling. */
export function foldConstants(graph: Graph): Graph {
  return rewrite(graph, folded);
}

/** A node as a constant, if all its operands are. */
export function folded(node: Node): Node {
  const { operation, operands, attributes, dtype, shape } = node;
  if (operation === null || operands.length === 0) return node;
  for (const operand of operands) if (operand.value === null) return node;
  const size = sizeOf(shape);
  if (size > LARGEST && operands.every((o) => sizeOf(o.shape) < size)) return node;
  return constantNode(operation.evaluate(operands.map((o) => o.value!), attributes, dtype), dtype);
}
