/**
 * Pictures: the graph on the tape through Graphviz, and losses as a chart. The libraries that draw are loaded
 * when the first picture is asked for.
 *
 * @example
 * ```ts
 * import { tape, variable } from "@tapegrad/tapegrad";
 * import { lossChart, toSvg } from "@tapegrad/tapegrad/viz";
 *
 * const graph = await toSvg(variable(3, { name: "x" }).square());
 * const chart = await lossChart({ loss: [0.9, 0.5, 0.3], valLoss: [1, 0.7, 0.6] });
 * console.log(graph.includes("square"), chart.includes("valLoss")); // true true
 * tape.clear();
 * ```
 *
 * @module
 */
export { type DotOptions, type GraphNode, nodesToDot } from "./dot.ts";
export { toDot, toSvg } from "./graph.ts";
export { type ChartHistory, lossChart, type LossChartOptions } from "./loss_chart.ts";
export { dotToSvg } from "./svg.ts";
