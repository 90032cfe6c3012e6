import type { Operand } from "../variable/mod.ts";
import { type ChartOptions, COLORS, drawChart, readFrame, readLists, spread } from "./chart.ts";

/** More points than this are not drawn; then some of them stand for all. */
const MOST_POINTS = 3000;

/**
 * Predictions against the truth: each example is a point, on the line where both are equal.
 *
 * @param labels The true numbers
 * @param predictions As many
 * @param options Title, size (340 by 340 pixels by default)
 * @returns SVG text
 * @throws {TypeError} If there are none, not as many of both, or one is not finite
 *
 * @example
 * ```ts
 * import { predictionChart } from "@tapegrad/tapegrad/viz";
 *
 * console.log((await predictionChart([1, 2, 3], [1.1, 1.9, 3.2])).startsWith("<svg")); // true
 * ```
 */
export async function predictionChart(
  labels: Operand,
  predictions: Operand,
  options: ChartOptions = {},
): Promise<string> {
  const lists = readLists("predictionChart", { labels, predictions });
  const frame = readFrame("predictionChart", options, { width: 340, height: 340 });
  const all = [...lists.labels, ...lists.predictions];
  const ends = [all.reduce((a, b) => Math.min(a, b)), all.reduce((a, b) => Math.max(a, b))];
  return await drawChart({
    ...frame,
    layer: [
      {
        data: { values: ends.map((x) => ({ truth: x, prediction: x })) },
        mark: { type: "line", color: "#9ca3af", strokeDash: [4, 4] },
        encoding: axes("truth", "prediction"),
      },
      {
        data: {
          values: pointsOf(lists.labels, lists.predictions).map(([truth, prediction]) => ({
            truth,
            prediction,
          })),
        },
        mark: DOT,
        encoding: axes("truth", "prediction"),
      },
    ],
  });
}

/**
 * What predictions leave over, `label - prediction`, against the prediction: a good model leaves a band around 0 without
 * a pattern.
 *
 * @param labels The true numbers
 * @param predictions As many
 * @param options Title, size (440 by 260 pixels by default)
 * @returns SVG text
 * @throws {TypeError} If there are none, not as many of both, or one is not finite
 *
 * @example
 * ```ts
 * import { residualChart } from "@tapegrad/tapegrad/viz";
 *
 * console.log((await residualChart([1, 2, 3], [1.1, 1.9, 3.2])).startsWith("<svg")); // true
 * ```
 */
export async function residualChart(
  labels: Operand,
  predictions: Operand,
  options: ChartOptions = {},
): Promise<string> {
  const lists = readLists("residualChart", { labels, predictions });
  const frame = readFrame("residualChart", options, { width: 440, height: 260 });
  const values = pointsOf(lists.labels, lists.predictions).map(([label, prediction]) => ({
    prediction,
    residual: label - prediction,
  }));
  return await drawChart({
    ...frame,
    layer: [
      {
        data: { values: [{ residual: 0 }] },
        mark: { type: "rule", color: "#9ca3af", strokeDash: [4, 4] },
        encoding: { y: { field: "residual", type: "quantitative" } },
      },
      { data: { values }, mark: DOT, encoding: axes("prediction", "residual") },
    ],
  });
}

const DOT = { type: "point", filled: true, size: 24, opacity: 0.6, color: COLORS[0] } as const;

function axes(x: string, y: string): object {
  const along = (field: string): object => ({
    field,
    type: "quantitative",
    scale: { zero: false, nice: true },
    axis: { title: field },
  });
  return { x: along(x), y: along(y) };
}

function pointsOf(x: ArrayLike<number>, y: ArrayLike<number>): (readonly [number, number])[] {
  return spread(x.length, MOST_POINTS).map((i) => [x[i]!, y[i]!] as const);
}
