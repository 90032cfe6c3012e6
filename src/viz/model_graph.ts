import { message } from "../_internal/message.ts";
import type { LayerNode } from "../_internal/layer_node.ts";
import { describeValue } from "../_internal/format.ts";
import { checkOptions } from "../_internal/readers/mod.ts";
import { type DotOptions, escapeLabel, NODE_STYLE, readDotOptions, titleLines } from "./dot.ts";
import { dotToSvg } from "./svg.ts";

/** A model that has been built. */
export interface LayerGraph {
  /** Inputs and calls of layers, in order. */
  layerGraph(): readonly LayerNode[];
}

/**
 * The layers of a model in Graphviz's DOT language: a box for each, with name, kind, shape and number of parameters, and
 * an arrow for what it takes; branches stand side by side.
 *
 * @param model A model that has been built
 * @param options Direction (top to bottom by default) and title
 * @returns DOT text
 * @throws {TypeError} If it is no model, or has not been built
 *
 * @example
 * ```ts
 * import { dense, sequential } from "@tapegrad/tapegrad/nn";
 * import { modelToDot } from "@tapegrad/tapegrad/viz";
 *
 * const model = sequential([dense({ units: 3, activation: "relu" }), dense({ units: 1 })]).build([4]);
 * console.log(modelToDot(model).includes("[batch, 3]")); // true
 * ```
 */
export function modelToDot(model: LayerGraph, options: DotOptions = {}): string {
  if (typeof model?.layerGraph !== "function") {
    throw new TypeError(
      message`Cannot draw ${describeValue(model)}: pass a model, such as sequential() makes`,
    );
  }
  checkOptions("modelToDot", options, ["rankdir", "title"]);
  const { rankdir, title } = readDotOptions("modelToDot", { rankdir: "TB", ...options });
  const boxes = model.layerGraph();
  return [
    "digraph model {",
    `  rankdir=${rankdir}; nodesep=0.4; ranksep=0.35;`,
    ...titleLines(title),
    NODE_STYLE,
    '  edge [color="#6b7280", arrowsize=0.7];',
    ...boxes.map((box) => `  n${box.id} [label="${labelOf(box)}", fillcolor="${fillOf(box)}"];`),
    ...boxes.flatMap(({ id, operands }) => operands.map((operand) => `  n${operand} -> n${id};`)),
    "}",
    "",
  ].join("\n");
}

/**
 * The layers of a model as a picture, see {@linkcode modelToDot}.
 *
 * @param model A model that has been built
 * @param options Direction (top to bottom by default) and title
 * @returns SVG text
 * @throws {TypeError} If it is no model, or has not been built
 *
 * @example
 * ```ts
 * import { dense, sequential } from "@tapegrad/tapegrad/nn";
 * import { plotModel } from "@tapegrad/tapegrad/viz";
 *
 * const svg = await plotModel(sequential([dense({ units: 3 }), dense({ units: 1 })]).build([4]));
 * console.log(svg.includes("dense_1")); // true
 * ```
 */
export async function plotModel(model: LayerGraph, options: DotOptions = {}): Promise<string> {
  return await dotToSvg(modelToDot(model, options));
}

function labelOf({ name, kind, shape, parameters }: LayerNode): string {
  const isNamed = kind !== name && !new RegExp(`^${kind}(_\\d+)?$`).test(name);
  const lines = [isNamed ? `${name} (${kind})` : name, shape];
  if (parameters > 0) lines.push(`${parameters.toLocaleString("en")} parameters`);
  return lines.map(escapeLabel).join("\\n");
}

function fillOf({ kind, parameters }: LayerNode): string {
  return kind === "input" ? "#dcfce7" : parameters > 0 ? "#dbeafe" : "#f3f4f6";
}
