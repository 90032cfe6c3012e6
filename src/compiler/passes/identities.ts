import type { DType } from "../../array/dtype.ts";
import { sameShape, type Shape } from "../../array/shape.ts";
import { type Operation, operation as op, type PrimitiveName } from "../../primitives/mod.ts";
import { constantNumber, type Graph, type Node, operationNode, rewrite, sameType } from "../graph/nodes.ts";

/** What a node can be replaced by, or null. Only what keeps every value, NaN and infinities included. */
type Identity = (node: Node, x: Node, y: Node) => Node | null;

/** x, if it has the shape and dtype that the node has. */
function unchanged(node: Node, x: Node): Node | null {
  return sameType(node, x) ? x : null;
}

function call(name: PrimitiveName, operands: readonly Node[], dtype: DType, attributes?: unknown): Node {
  return operationNode(op[name], operands, attributes, dtype);
}

const IDENTITIES: { readonly [K in PrimitiveName]?: Identity } = {
  identity: unchanged,
  stopGradient: unchanged,
  custom: (node) => unchanged(node, node.operands.at(-1)!),
  // x + 0 and 0 - x stay: they make 0 of -0.
  add: (node, x, y) =>
    Object.is(constantNumber(y), -0)
      ? unchanged(node, x)
      : Object.is(constantNumber(x), -0)
      ? unchanged(node, y)
      : null,
  sub: (node, x, y) =>
    Object.is(constantNumber(y), 0)
      ? unchanged(node, x)
      : Object.is(constantNumber(x), -0) && node.dtype === y.dtype && sameShape(node.shape, y.shape)
      ? call("neg", [y], node.dtype)
      : null,
  mul: (node, x, y) =>
    constantNumber(y) === 1
      ? unchanged(node, x)
      : constantNumber(x) === 1
      ? unchanged(node, y)
      : constantNumber(y) === -1 && sameType(node, x)
      ? call("neg", [x], node.dtype)
      : constantNumber(x) === -1 && sameType(node, y)
      ? call("neg", [y], node.dtype)
      : x === y
      ? call("square", [x], node.dtype)
      : null,
  div: (node, x, y) => constantNumber(y) === 1 ? unchanged(node, x) : null,
  pow: (node, x, y) =>
    constantNumber(y) === 1
      ? unchanged(node, x)
      : constantNumber(y) === 2 && sameType(node, x)
      ? call("square", [x], node.dtype)
      : null,
  neg: (node, x) => x.operation === op.neg ? unchanged(node, x.operands[0]!) : null,
  cast: unchanged,
  broadcastTo: unchanged,
  reshape: (node, x) =>
    unchanged(node, x) ??
      (x.operation === op.reshape
        ? unchanged(node, x.operands[0]!) ?? call("reshape", [x.operands[0]!], node.dtype, node.attributes)
        : null),
  transpose: (node, x) => {
    const { axes } = node.attributes as { axes: Shape };
    if (axes.every((axis, i) => axis === i)) return unchanged(node, x);
    if (!op.transpose.is(x)) return null;
    const inner = x.attributes.axes;
    const both = axes.map((axis) => inner[axis]!);
    const source = x.operands[0]!;
    return both.every((axis, i) => axis === i)
      ? unchanged(node, source)
      : call("transpose", [source], node.dtype, { axes: both });
  },
  sum: (node, x) => (node.attributes as { axes: Shape }).axes.length === 0 ? unchanged(node, x) : null,
};

/** Drops operations that do nothing: adding 0, multiplying by 1, transposing twice, and the like. */
export function simplifyIdentities(graph: Graph): Graph {
  return rewrite(graph, withoutIdentities);
}

/** Whether {@linkcode withoutIdentities} has a rule for an operation. */
export function hasIdentities({ name }: Operation): boolean {
  return name in IDENTITIES;
}

/** What a node is without operations that do nothing at its end. */
export function withoutIdentities(node: Node): Node {
  let current = node;
  for (;;) {
    const rule = current.operation === null ? undefined : IDENTITIES[current.operation.name as PrimitiveName];
    const simpler = rule?.(current, current.operands[0]!, current.operands[1]!) ?? null;
    if (simpler === null) return current;
    current = simpler;
  }
}
