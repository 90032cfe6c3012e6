/**
 * Pictures: the graph on the tape through Graphviz, and losses as a chart.
 *
 * @module
 */
export { type DotOptions, toDot } from "./dot.ts";
export { type ChartHistory, lossChart, type LossChartOptions } from "./loss_chart.ts";
export { toSvg } from "./svg.ts";
