import { message } from "../_internal/message.ts";
import { isPlainObject } from "../_internal/containers.ts";
import { describeValue } from "../_internal/format.ts";
import { countInBars, finiteRange } from "../_internal/histogram.ts";
import { toVariable } from "../variable/operands.ts";
import type { Operand } from "../variable/mod.ts";
import { type ChartOptions, COLORS, drawChart, readFrame } from "./chart.ts";

/** The bars of a histogram. */
const BARS = 30;

/**
 * How the numbers of arrays are spread, a histogram for each: of weights, `model.getWeights()`, or of gradients. Numbers
 * that are not finite are counted beside the name.
 *
 * @param arrays Arrays by name
 * @param options Title, size of each histogram (360 by 70 pixels by default)
 * @returns SVG text
 * @throws {TypeError} If there is no array, or one holds no number
 *
 * @example
 * ```ts
 * import { dense, sequential } from "@tapegrad/tapegrad/nn";
 * import { histogramChart } from "@tapegrad/tapegrad/viz";
 *
 * const model = sequential([dense({ units: 8 })]).build([4]);
 * console.log((await histogramChart(model.getWeights())).includes("dense/kernel")); // true
 * ```
 */
export async function histogramChart(
  arrays: { readonly [name: string]: Operand },
  options: ChartOptions = {},
): Promise<string> {
  const { title, width, height } = readFrame("histogramChart", options, { width: 360, height: 70 });
  if (!isPlainObject(arrays) || Object.keys(arrays).length === 0) {
    throw new TypeError(
      message`Cannot draw histogramChart of ${
        describeValue(arrays)
      }: pass arrays by name, such as model.getWeights()`,
    );
  }
  return await drawChart({
    title: title === "" ? undefined : title,
    vconcat: Object.entries(arrays).map(([name, array]) =>
      histogram(name, toVariable(array).data, width, height)
    ),
    resolve: { scale: { x: "independent", y: "independent" } },
  });
}

function histogram(name: string, data: ArrayLike<number>, width: number, height: number): object {
  if (data.length === 0) throw new TypeError(message`Cannot draw histogramChart: ${name} holds no number`);
  const finite = finiteRange(data);
  let [low, high] = finite.count === 0 ? [0, 0] : [finite.low, finite.high];
  // Numbers that are all equal stand in the middle of their own histogram.
  if (low === high) [low, high] = [low - (Math.abs(low) || 1) / 2, high + (Math.abs(high) || 1) / 2];
  const step = (high - low) / BARS;
  const counts = countInBars(data, low, step, BARS);
  const rest = data.length - finite.count;
  return {
    title: {
      text: `${name}: ${data.length} numbers${rest === 0 ? "" : `, ${rest} not finite`}`,
      anchor: "start",
      fontSize: 11,
    },
    width,
    height,
    data: { values: counts.map((count, i) => ({ from: low + i * step, to: low + (i + 1) * step, count })) },
    mark: { type: "rect", stroke: "white", strokeWidth: 0.5, color: rest === 0 ? COLORS[0] : COLORS[1] },
    encoding: {
      x: {
        field: "from",
        type: "quantitative",
        scale: { domain: [low, high], nice: false },
        axis: { title: null, tickCount: 7, grid: false },
      },
      x2: { field: "to" },
      y2: { datum: 0 },
      y: {
        field: "count",
        type: "quantitative",
        axis: { title: "count", tickCount: 3, tickMinStep: 1, format: "d" },
      },
    },
  };
}
