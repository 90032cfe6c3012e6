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
export type { ChartOptions } from "./chart.ts";
export { boundaryChart, type ClassOptions, confusionMatrixChart, rocChart } from "./classification_charts.ts";
export { type DotOptions, type GraphNode, nodesToDot } from "./dot.ts";
export { type TapeGraphOptions, toDot, toSvg } from "./graph.ts";
export { histogramChart } from "./histogram_chart.ts";
export { type ChartHistory, lossChart, type LossChartOptions } from "./loss_chart.ts";
export type { LayerNode } from "../_internal/layer_node.ts";
export { type LayerGraph, modelToDot, plotModel } from "./model_graph.ts";
export { Picture, picture, type PngOptions, svgToPng } from "./picture.ts";
export { predictionChart, residualChart } from "./regression_charts.ts";
export { dotToSvg } from "./svg.ts";
