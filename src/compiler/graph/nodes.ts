import type { DType } from "../../array/dtype.ts";
import { sameShape, type Shape } from "../../array/shape.ts";
import type { Value } from "../../array/value.ts";
import { makeOps, type Operation, type Ops, shapeOfValue } from "../../primitives/mod.ts";

/** What every node has: the type of its value. */
interface TypedNode {
  /** The shape of the value. */
  readonly shape: Shape;
  /** The element type of the value. */
  readonly dtype: DType;
}

/** A value that is passed in. */
export interface InputNode extends TypedNode {
  readonly operation: null;
  readonly operands: readonly [];
  readonly attributes: undefined;
  /** Which input it is. */
  readonly input: number;
  readonly value: null;
}

/** A value that is known. */
export interface ConstantNode extends TypedNode {
  readonly operation: null;
  readonly operands: readonly [];
  readonly attributes: undefined;
  readonly input: -1;
  /** The value. */
  readonly value: Value;
}

/** The result of an operation. */
export interface OperationNode extends TypedNode {
  /** The operation. */
  readonly operation: Operation;
  /** What it is computed from. */
  readonly operands: readonly Node[];
  /** The attributes of the operation. */
  readonly attributes: unknown;
  readonly input: -1;
  readonly value: null;
}

/** One value of a program that is being compiled: an input, a constant, or the result of an operation. */
export type Node = InputNode | ConstantNode | OperationNode;

/** A program: values as they follow from one another. Nodes are never changed; a pass makes new ones. */
export interface Graph {
  /** The inputs, in the order they are passed. */
  readonly inputs: readonly Node[];
  /** The results. */
  readonly outputs: readonly Node[];
}

/** Makes the node of an input. */
export function inputNode(input: number, shape: Shape, dtype: DType): InputNode {
  return { operation: null, operands: [], attributes: undefined, shape, dtype, input, value: null };
}

/** Makes the node of a constant. */
export function constantNode(value: Value, dtype: DType): ConstantNode {
  return {
    operation: null,
    operands: [],
    attributes: undefined,
    shape: shapeOfValue(value),
    dtype,
    input: -1,
    value,
  };
}

/** Makes the node of an operation; its shape follows from the operands. */
export function operationNode(
  operation: Operation,
  operands: readonly Node[],
  attributes: unknown,
  dtype: DType,
): OperationNode {
  const shape = operation.shape(operands.map((o) => o.shape), attributes);
  return { operation, operands, attributes, shape, dtype, input: -1, value: null };
}

/** The number that a rank-0 constant holds, else undefined. */
export function constantNumber(node: Node): number | undefined {
  return typeof node.value === "number" ? node.value : undefined;
}

/** The nodes that the results depend on, operands first, without recursion. */
export function liveNodes(outputs: readonly Node[]): Node[] {
  const order: Node[] = [];
  const seen = new Set<Node>();
  // Nodes that wait for their operands, and which operand of each is next.
  const waiting: Node[] = [];
  const next: number[] = [];
  const visit = (node: Node): void => {
    if (seen.has(node)) return;
    seen.add(node);
    if (node.operands.length === 0) order.push(node);
    else {
      waiting.push(node);
      next.push(0);
    }
  };
  for (const output of outputs) {
    visit(output);
    for (let top = waiting.length - 1; top >= 0; top = waiting.length - 1) {
      const { operands } = waiting[top]!;
      if (next[top]! < operands.length) visit(operands[next[top]!++]!);
      else {
        order.push(waiting.pop()!);
        next.pop();
      }
    }
  }
  return order;
}

const orders = new WeakMap<Graph, readonly Node[]>();

/** The nodes of a graph that its results depend on, operands first; found once for each graph. */
export function nodesOf(graph: Graph): readonly Node[] {
  let order = orders.get(graph);
  if (order === undefined) orders.set(graph, order = liveNodes(graph.outputs));
  return order;
}

/**
 * Makes a graph anew, operands first; gives the same graph if nothing changes.
 *
 * @param replace Gives the node to take the place of one, whose operands have been replaced already; it gets
 *   the same node if none of them has changed
 */
export function rewrite(graph: Graph, replace: (node: Node) => Node): Graph {
  const replaced = new Map<Node, Node>();
  const current = (node: Node): Node => replaced.get(node) ?? node;
  for (const node of nodesOf(graph)) {
    const made = replace(replaced.size === 0 ? node : withOperands(node, current));
    if (made !== node) replaced.set(node, made);
  }
  if (replaced.size === 0) return graph;
  return { inputs: graph.inputs.map(current), outputs: graph.outputs.map(current) };
}

/** A node of other operands: the same if all of them are. */
export function withOperands(node: Node, operandFor: (operand: Node) => Node): Node {
  const { operands } = node;
  let changed: Node[] | undefined;
  for (let i = 0; i < operands.length; i++) {
    const operand = operandFor(operands[i]!);
    if (operand === operands[i]) continue;
    changed ??= operands.slice();
    changed[i] = operand;
  }
  return changed === undefined ? node : { ...node as OperationNode, operands: changed };
}

/** The algebra of nodes in one dtype, to write a program in. */
export function nodeOps(dtype: DType): Ops<Node> {
  return algebras[dtype] ??= makeOps<Node>(
    (operation, inputs, attributes) =>
      operationNode(
        operation,
        inputs.map((x) => typeof x === "number" ? constantNode(x, dtype) : x),
        attributes,
        operation.primitive.dtype?.(attributes) ?? dtype,
      ),
    (x) => typeof x === "number" ? [] : x.shape,
  );
}

const algebras: { [D in DType]?: Ops<Node> } = {};

/** Whether two nodes hold values of the same shape and dtype. */
export function sameType(a: Node, b: Node): boolean {
  return a.dtype === b.dtype && sameShape(a.shape, b.shape);
}

/** How a program reads as text: one line for each value. */
export function printGraph(graph: Graph): string {
  const nodes = liveNodes([...graph.inputs, ...graph.outputs]);
  const names = new Map(nodes.map((node, i) => [node, `%${i}`]));
  const lines = nodes.map((node) => {
    const type = `${node.dtype}[${node.shape.join(", ")}]`;
    const what = node.operation !== null
      ? [node.operation.name, ...node.operands.map((o) => names.get(o)!)].join(" ") + printAttributes(node)
      : node.input >= 0
      ? `input ${node.input}`
      : `constant${typeof node.value === "number" ? ` ${node.value}` : ""}`;
    return `${names.get(node)} = ${what}: ${type}`;
  });
  return [...lines, `return ${graph.outputs.map((o) => names.get(o)).join(" ")}`].join("\n");
}

function printAttributes(node: Node): string {
  return node.attributes === undefined ? "" : ` ${JSON.stringify(node.attributes)}`;
}

const readerLists = new WeakMap<Graph, Map<Node, Node[]>>();

/** Which nodes read each node. */
export function readersOf(graph: Graph): ReadonlyMap<Node, readonly Node[]> {
  let readers = readerLists.get(graph);
  if (readers === undefined) {
    readers = new Map();
    for (const node of nodesOf(graph)) {
      for (const operand of node.operands) {
        const list = readers.get(operand);
        if (list === undefined) readers.set(operand, [node]);
        else if (list.at(-1) !== node) list.push(node);
      }
    }
    readerLists.set(graph, readers);
  }
  return readers;
}
