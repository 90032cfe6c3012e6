import { isPlainObject } from "../_internal/containers.ts";
import { describeValue } from "../_internal/format.ts";
import { message } from "../_internal/message.ts";
import { readChoice, readInteger, readList, readOptions, readText } from "../_internal/readers/mod.ts";

/** A box of a graph and the boxes its arrows come from. */
export interface GraphNode {
  /** A whole number that no other node has. */
  readonly id: number;
  /** What was computed, such as `mul`; of a leaf, what it is. */
  readonly operation: string;
  /** A name to show beside the operation, or instead of it where there are no operands. */
  readonly name?: string;
  /** The value, as it should read. */
  readonly value: string;
  /** The derivative of the output by this node, as it should read. */
  readonly adjoint?: string;
  /** The ids of the nodes it was computed from, in the order of the arguments. */
  readonly operands: readonly number[];
  /** The row of the tape, shown in front. */
  readonly row?: number;
  /** Chooses the colour. */
  readonly kind: "input" | "parameter" | "constant" | "operation";
}

/** How a graph is drawn. */
export interface DotOptions {
  /** The direction in which values flow, Graphviz's `rankdir`: left to right (the default) or top to bottom. */
  readonly rankdir?: "LR" | "TB";
  /** Written above the graph. */
  readonly title?: string;
}

const FILLS: { readonly [kind in GraphNode["kind"]]: string } = {
  input: "#dcfce7",
  parameter: "#dbeafe",
  constant: "#f3f4f6",
  operation: "#fef3c7",
};

/** How boxes look. Viewers without Helvetica take a wider font: the margin leaves room for it. */
export const NODE_STYLE =
  '  node [shape=box, style="filled,rounded", fontname="Helvetica", fontsize=11, margin="0.25,0.08", color="#6b7280"];';

/** The line that writes a title above a graph; none if there is none. */
export function titleLines(title: string | undefined): string[] {
  return title === undefined
    ? []
    : [`  label="${escapeLabel(title)}"; labelloc=t; fontname="Helvetica"; fontsize=14;`];
}

/**
 * A graph in Graphviz's DOT language (https://graphviz.org/doc/info/lang.html): a box for each node, in the
 * order given, with operation, name, value and derivative, and an arrow from each operand.
 *
 * @param nodes Operands before what is computed from them, which is the order of a tape
 * @param options Direction and title
 * @returns DOT text
 * @throws {RangeError} If an id is not a whole number from 0 on or comes twice, or if an operand does not stand
 * before its node
 *
 * @example
 * ```ts
 * import { nodesToDot } from "@tapegrad/tapegrad/viz";
 *
 * const dot = nodesToDot([
 *   { id: 0, operation: "variable", name: "x", value: "3", operands: [], kind: "parameter" },
 *   { id: 1, operation: "square", value: "9", operands: [0], kind: "operation" },
 * ]);
 * console.log(dot.includes("n0 -> n1")); // true
 * ```
 */
export function nodesToDot(nodes: readonly GraphNode[], options: DotOptions = {}): string {
  const { rankdir, title } = readDotOptions("nodesToDot", options);
  checkOrder(nodes);
  return [
    "digraph tape {",
    `  rankdir=${rankdir};`,
    ...titleLines(title),
    NODE_STYLE,
    '  edge [color="#6b7280"];',
    ...nodes.map((node) => `  n${node.id} [label="${label(node)}", fillcolor="${FILLS[node.kind]}"];`),
    ...nodes.flatMap((node) => node.operands.map((operand) => `  n${operand} -> n${node.id};`)),
    "}",
    "",
  ].join("\n");
}

/** Reads how a graph is drawn. */
export function readDotOptions(
  operation: string,
  options: DotOptions | undefined,
): { readonly rankdir: "LR" | "TB"; readonly title: string | undefined } {
  const defaults = { rankdir: "LR", title: undefined } as const;
  const { rankdir, title } = readOptions<DotOptions, typeof defaults>(operation, options, defaults);
  return {
    rankdir: readChoice(operation, "the option rankdir", rankdir, ["LR", "TB"]),
    title: title === undefined ? undefined : readText(operation, "the option title", title),
  };
}

/** Checks that a node has the parts it needs. */
function checkNode(node: unknown): asserts node is GraphNode {
  if (!isPlainObject(node)) {
    throw new TypeError(
      message`Cannot draw ${describeValue(node)}: a node is an object { id, operation, … }`,
    );
  }
  const { id, operands, name, adjoint } = node;
  readText("nodesToDot", "the operation of a node", node["operation"]);
  readText("nodesToDot", "the value of a node", node["value"]);
  if (name !== undefined) readText("nodesToDot", "the name of a node", name);
  if (node["row"] !== undefined) readInteger("nodesToDot", "the row of a node", node["row"] as number, 0);
  if (adjoint !== undefined) readText("nodesToDot", "the adjoint of a node", adjoint);
  readChoice("nodesToDot", "the kind of a node", node["kind"], Object.keys(FILLS));
  readList("nodesToDot", "the list of operands", operands as readonly unknown[]);
  if (!Number.isInteger(id) || (id as number) < 0) {
    const Kind = typeof id === "number" ? RangeError : TypeError;
    throw new Kind(message`Cannot draw node ${describeValue(id)}: its id must be a whole number from 0 on`);
  }
}

function checkOrder(nodes: readonly GraphNode[]): void {
  const seen = new Set<number>();
  for (const node of readList("nodesToDot", "the list of nodes", nodes)) {
    checkNode(node);
    const { id, operands } = node;
    if (seen.has(id)) throw new RangeError(message`Cannot draw node ${id}: another node has the same id`);
    for (const operand of operands) {
      if (!seen.has(operand)) {
        throw new RangeError(
          message`Cannot draw node ${id}: its operand ${describeValue(operand)} does not stand before
          it, list operands first`,
        );
      }
    }
    seen.add(id);
  }
}

function label({ row, operation, name, value, adjoint, operands }: GraphNode): string {
  const heading = name === undefined ? operation : operands.length === 0 ? name : `${operation} ${name}`;
  const lines = [
    row === undefined ? heading : `%${row} ${heading}`,
    `value ${value}`,
    ...adjoint === undefined ? [] : [`derivative ${adjoint}`],
  ];
  return lines.map(escapeLabel).join("\\n");
}

/** Graphviz reads backslashes and HTML entities in a label; a line break would end up as one too many. */
export function escapeLabel(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("&", "&amp;").replace(
    /\p{Cc}+/gu,
    " ",
  );
}
