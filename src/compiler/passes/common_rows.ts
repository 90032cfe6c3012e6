import { isNode } from "../../_internal/containers.ts";
import { formatShape } from "../../_internal/format.ts";
import { type Graph, liveNodes, type Node, rewrite } from "../graph/nodes.ts";

/** Computes what stands several times in a program only once. */
export function shareCommonRows(graph: Graph): Graph {
  const rows = new CommonRows();
  return rewrite(graph, (node) => rows.share(node));
}

/** Nodes that differ in their values, as far as that can be told. */
export class CommonRows {
  readonly #numbers = new Map<Node, number>();
  readonly #known = new Map<string | number, Node>();
  readonly #constants = { float32: new Map<number, Node>(), float64: new Map<number, Node>() };

  /** Whether a node is one of them. */
  has(node: Node): boolean {
    return this.#numbers.has(node);
  }

  /** The node of that value: the first one, whose operands are of them too. */
  share(node: Node): Node {
    const same = this.#find(node);
    if (same === node) this.#numbers.set(node, this.#numbers.size);
    return same;
  }

  #find(node: Node): Node {
    const { value } = node;
    // A Map takes -0 for 0.
    if (typeof value === "number" && value !== 0) return findOrAdd(this.#constants[node.dtype], value, node);
    const numberOf = this.#numberOf;
    const key = shortKey(node, numberOf) ?? keyOf(node, numberOf);
    return key === undefined ? node : findOrAdd(this.#known, key, node);
  }

  readonly #numberOf = (node: Node): number => this.#numbers.get(node)!;
}

function findOrAdd<K>(nodes: Map<K, Node>, key: K, node: Node): Node {
  const found = nodes.get(key);
  if (found === undefined) nodes.set(key, node);
  return found ?? node;
}

/** Operands of larger numbers have no short key: it has to be exact. */
const MOST_SHORT = 2 ** 22;

/** A number that is equal for operations of one or two operands with equal values, as making a text takes longer. */
function shortKey(node: Node, numberOf: (node: Node) => number): number | undefined {
  const { operation, operands, attributes, dtype } = node;
  if (operation === null || operation.opcode >= 256 || attributes !== undefined) return undefined;
  if (operands.length > 2) return undefined;
  const first = operands.length > 0 ? numberOf(operands[0]!) + 1 : 0;
  const second = operands.length > 1 ? numberOf(operands[1]!) + 1 : 0;
  if (first >= MOST_SHORT || second >= MOST_SHORT) return undefined;
  const kind = 2 * operation.opcode + (dtype === "float64" ? 1 : 0);
  return (kind * MOST_SHORT + first) * MOST_SHORT + second;
}

/** A text that is equal for nodes with equal values; undefined where that cannot be told. */
function keyOf(node: Node, numberOf: (node: Node) => number): string | undefined {
  if (node.operation !== null) {
    const attributes = attributesKey(node.attributes);
    if (attributes === undefined) return undefined;
    return `${node.operation.opcode} ${node.operands.map(numberOf).join(" ")} ${node.dtype} ${attributes}`;
  }
  if (node.input >= 0) return `input ${node.input}`;
  if (typeof node.value === "number") {
    return `number ${node.dtype} ${Object.is(node.value, -0) ? "-0" : node.value}`;
  }
  const { data } = node.value!;
  return data.length > LARGEST_WRITTEN
    ? `array ${node.dtype} ${formatShape(node.shape)} buffer ${identityOf(data)}`
    : `array ${node.dtype} ${formatShape(node.shape)} ${
      Array.from(data, (x) => Object.is(x, -0) ? "-0" : x).join(" ")
    }`;
}

/** Constants of more elements than this are equal only if they are the same buffer. */
const LARGEST_WRITTEN = 16;

const identities = new WeakMap<object, number>();
let nextIdentity = 0;

function identityOf(buffer: object): number {
  let identity = identities.get(buffer);
  if (identity === undefined) identities.set(buffer, identity = nextIdentity++);
  return identity;
}

/** A text that is equal for programs that compute the same; undefined where that cannot be told. */
export function graphKey({ inputs, outputs }: Graph): string | undefined {
  const nodes = liveNodes([...inputs, ...outputs]);
  const numbers = new Map(nodes.map((node, i) => [node, i]));
  const lines: string[] = [];
  for (const node of nodes) {
    const key = keyOf(node, (o) => numbers.get(o)!);
    if (key === undefined) return undefined;
    lines.push(node.input >= 0 ? `${key} ${node.dtype} ${formatShape(node.shape)}` : key);
  }
  return [...lines, outputs.map((o) => numbers.get(o)).join(" ")].join("\n");
}

/** Attributes as text, if they are plain data. */
function attributesKey(attributes: unknown): string | undefined {
  if (attributes === undefined) return "";
  let plain = true;
  const text = JSON.stringify(attributes, (_, value) => {
    if (typeof value === "function" || (typeof value === "object" && value !== null && !isNode(value))) {
      plain = false;
    }
    return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
  });
  return plain ? text : undefined;
}
