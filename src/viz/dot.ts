import { formatShape } from "../_internal/format.ts";
import type { Value } from "../array/elementwise.ts";
import { printValue, tape } from "../tape/mod.ts";
import type { Variable } from "../variable/mod.ts";
import { rowOf } from "../variable/variable.ts";

/** How a graph is drawn. */
export interface DotOptions {
  /** The direction in which values flow: left to right (the default) or top to bottom. */
  readonly direction?: "LR" | "TB";
}

const COLOURS: { readonly [operation: string]: string } = {
  variable: "#dbeafe",
  input: "#dcfce7",
  constant: "#f3f4f6",
};

/**
 * The graph of a Variable in Graphviz's DOT language: a box for each row of the tape it was computed from, in
 * topological order, with operation, name, value and (after `backward({ retainTape: true })`) derivative.
 *
 * @param variable A recorded Variable
 * @throws {TypeError} If it is not on the tape
 *
 * @example
 * ```ts
 * import { tape, variable } from "@tapegrad/tapegrad";
 * import { toDot } from "@tapegrad/tapegrad/viz";
 *
 * const x = variable(3, { name: "x" });
 * console.log(toDot(x.square()).includes("square")); // true
 * tape.clear();
 * ```
 */
export function toDot(variable: Variable, { direction = "LR" }: DotOptions = {}): string {
  const row = rowOf(variable);
  if (row < 0) {
    throw new TypeError(
      `Cannot draw ${variable.toString()}: it is not on the tape; compute it from a trainable variable(), and draw ` +
        `before backward() or with backward({ retainTape: true })`,
    );
  }
  const rows = ancestors(row);
  const boxes = rows.map((r) => {
    const operation = tape.operationName(r);
    const name = tape.nameOf(r);
    const adjoint = tape.adjointOf(r);
    const lines = [
      name === undefined ? operation : tape.isLeaf(r) ? name : `${operation} ${name}`,
      `value ${describe(tape.valueOf(r))}`,
      ...adjoint === undefined || operation === "constant" ? [] : [`derivative ${describe(adjoint)}`],
    ];
    const shape = tape.isLeaf(r) ? "box" : "ellipse";
    const fill = COLOURS[operation] ?? "#fef3c7";
    return `  n${r} [label="${lines.map(escape).join("\\n")}", shape=${shape}, fillcolor="${fill}"];`;
  });
  const arrows = rows.flatMap((r) => tape.operandsOf(r).map((operand) => `  n${operand} -> n${r};`));
  return [
    "digraph tape {",
    `  rankdir=${direction};`,
    '  node [style="filled,rounded", fontname="Helvetica", fontsize=11, margin="0.2,0.08", color="#6b7280"];',
    '  edge [color="#6b7280"];',
    ...boxes,
    ...arrows,
    "}",
    "",
  ].join("\n");
}

/** The rows a row was computed from, and itself, in topological order. */
function ancestors(row: number): number[] {
  const wanted = new Set([row]);
  for (let r = row; r >= 0; r--) {
    if (wanted.has(r)) tape.operandsOf(r).forEach((operand) => wanted.add(operand));
  }
  return [...wanted].sort((a, b) => a - b);
}

function describe(value: Value): string {
  return typeof value === "number" || value.size <= 3 ? printValue(value) : formatShape(value.shape);
}

function escape(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", " ");
}
