import { rowOf } from "../variable/rows.ts";
import { message } from "../_internal/message.ts";
import { describeValue, formatShape } from "../_internal/format.ts";
import { checkOptions, readList } from "../_internal/readers/mod.ts";
import type { Value } from "../array/value.ts";
import { printValue, tape } from "../tape/mod.ts";
import { Variable } from "../variable/mod.ts";
import { type DotOptions, type GraphNode, nodesToDot, readDotOptions } from "./dot.ts";
import { dotToSvg } from "./svg.ts";

const LEAF_KINDS: { readonly [operation: string]: GraphNode["kind"] } = {
  variable: "parameter",
  input: "input",
  constant: "constant",
};

/** How the graph of a Variable is drawn. */
export interface TapeGraphOptions extends DotOptions {
  /** Variables to draw as inputs, not as weights, though they are trainable. */
  readonly inputs?: readonly Variable[];
}

/**
 * The graph of a Variable in Graphviz's DOT language: a box for each row of the tape it was computed from, in
 * topological order, with the row's number, operation, name, value and (after `backward({ retainTape: true })`)
 * derivative. Inputs are green, weights blue; a constant with a name is an input.
 *
 * @param variable A recorded Variable
 * @param options Direction, title, and which Variables are inputs
 * @returns DOT text
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
export function toDot(variable: Variable, options: TapeGraphOptions = {}): string {
  checkOptions("toDot", options, ["inputs", "rankdir", "title"]);
  const { inputs = [], ...drawing } = options;
  readDotOptions("toDot", drawing);
  const rows = readList("toDot", "the option inputs", inputs).map((x) =>
    x instanceof Variable ? rowOf(x) : -1
  );
  return nodesToDot(graphNodes(variable, new Set(rows)), drawing);
}

/**
 * The graph of a Variable as an SVG picture, see `toDot` and `dotToSvg`.
 *
 * @param variable A recorded Variable
 * @param options Direction and title
 * @returns SVG text
 * @throws {TypeError} If it is not on the tape
 *
 * @example
 * ```ts
 * import { tape, variable } from "@tapegrad/tapegrad";
 * import { toSvg } from "@tapegrad/tapegrad/viz";
 *
 * const svg = await toSvg(variable(3, { name: "x" }).square());
 * console.log(svg.includes("<svg")); // true
 * tape.clear();
 * ```
 */
export async function toSvg(variable: Variable, options: TapeGraphOptions = {}): Promise<string> {
  return await dotToSvg(toDot(variable, options));
}

/** The rows a Variable was computed from, and its own, as nodes. */
function graphNodes(variable: Variable, inputs: ReadonlySet<number>): GraphNode[] {
  if (!(variable instanceof Variable)) {
    throw new TypeError(message`Cannot draw ${describeValue(variable)}: pass a recorded Variable`);
  }
  const row = rowOf(variable);
  if (row < 0) {
    throw new TypeError(
      message`Cannot draw ${variable.toString()}: it is not on the tape; compute it from a
      trainable variable(), and draw before backward() or with backward({ retainTape: true })`,
    );
  }
  return ancestors(row).map((id) => {
    const operation = tape.operationName(id);
    const name = tape.nameOf(id);
    const adjoint = tape.adjointOf(id);
    return {
      id,
      row: id,
      operation,
      kind: inputs.has(id) || (operation === "constant" && name !== undefined)
        ? "input"
        : tape.isLeaf(id)
        ? LEAF_KINDS[operation]!
        : "operation",
      operands: tape.operandsOf(id),
      value: describe(tape.valueOf(id)),
      ...name === undefined ? {} : { name },
      ...adjoint === undefined ? {} : { adjoint: describe(adjoint) },
    };
  });
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
