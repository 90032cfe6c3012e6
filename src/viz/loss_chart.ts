import { describeValue } from "../_internal/format.ts";
import { message } from "../_internal/message.ts";
import { checkOptions, isList, readList, readText } from "../_internal/readers/mod.ts";
import { type ChartOptions, drawChart, readFrame } from "./chart.ts";

/** What `model.fit` returns, or the lists in it. */
export type ChartHistory =
  | { readonly history: { readonly [name: string]: readonly number[] } }
  | { readonly [name: string]: readonly number[] };

/** How a loss chart is drawn: 480 by 280 pixels by default. */
export interface LossChartOptions extends ChartOptions {
  /** The names of the lists to draw; those that end in "loss" by default. */
  readonly series?: readonly string[];
}

/** With more epochs than this, dots on the lines would run together. */
const DOTTED_EPOCHS = 60;

/**
 * Numbers of each epoch as a line chart in SVG: every list whose name ends in "loss", or those asked for. A
 * value that is not finite leaves a gap in its line. Drawn by Vega-Lite, without a browser or network, loaded by
 * the first call.
 *
 * @param history What `model.fit` returned
 * @param options Title, size and which lists to draw
 * @returns SVG text
 * @throws {TypeError} If there is no list to draw, one is empty, or they hold no finite value
 * @throws {RangeError} If a list that was asked for is not there, or a size is not positive
 *
 * @example
 * ```ts
 * import { lossChart } from "@tapegrad/tapegrad/viz";
 *
 * const svg = await lossChart({ loss: [0.9, 0.5, 0.3] });
 * console.log(svg.startsWith("<svg")); // true
 * ```
 */
export async function lossChart(history: ChartHistory, options: LossChartOptions = {}): Promise<string> {
  checkOptions("lossChart", options, ["title", "width", "height", "series"]);
  const { series: wanted, ...frame } = options;
  const { title, width, height } = readFrame("lossChart", frame, { width: 480, height: 280 });
  const series = chooseSeries(history, wanted);
  const names = series.map(([name]) => name);
  const values = series.flatMap(([name, list]) =>
    list.map((value, i) => ({ epoch: i + 1, value: Number.isFinite(value) ? value : null, series: name }))
  );
  if (values.every(({ value }) => value === null)) {
    throw new TypeError(message`Cannot draw a loss chart: ${names.join(", ")} without a finite value`);
  }
  const epochs = Math.max(...series.map(([, list]) => list.length));
  return await drawChart({
    title,
    width,
    height,
    data: { values },
    mark: { type: "line", point: epochs <= DOTTED_EPOCHS, strokeWidth: 2 },
    encoding: {
      x: {
        field: "epoch",
        type: "quantitative",
        axis: { title: "epoch", grid: false, tickMinStep: 1, format: "d" },
        scale: { domain: [Math.min(1, epochs - 1), epochs], nice: false },
      },
      y: { field: "value", type: "quantitative", axis: { title: axisTitle(names) }, scale: { zero: true } },
      color: {
        field: "series",
        type: "nominal",
        scale: { domain: names },
        legend: names.length > 1 ? { title: null } : null,
      },
    },
  });
}

type Series = readonly [name: string, list: readonly number[]];

function chooseSeries(history: ChartHistory, wanted: readonly string[] | undefined): Series[] {
  if (typeof history !== "object" || history === null || Array.isArray(history)) {
    throw new TypeError(
      message`Cannot draw a loss chart of ${
        describeValue(history)
      }: pass what fit() returned, or lists by name such as
      { loss: [3, 2, 1] }`,
    );
  }
  if (wanted !== undefined) {
    readList("lossChart", "the option series", wanted).forEach((name) =>
      readText("lossChart", "a series", name)
    );
  }
  const lists = (isNested(history) ? history.history : history) as {
    readonly [name: string]: readonly number[];
  };
  const found = Object.keys(lists).join(", ") || "nothing";
  const names = wanted ?? Object.keys(lists).filter((name) => name.toLowerCase().endsWith("loss"));
  if (names.length === 0) {
    throw new TypeError(
      message`Cannot draw a loss chart: found ${found}, expected a list named loss with an
      entry per epoch`,
    );
  }
  return [...new Set(names)].map((name) => {
    if (!Object.hasOwn(lists, name)) {
      throw new RangeError(message`Cannot draw ${name}: found ${found}, choose the series among these`);
    }
    const list: unknown = lists[name];
    if (!isList(list) || !Array.from(list).every((value) => typeof value === "number")) {
      throw new TypeError(
        message`Cannot draw ${name}: found ${describeValue(list)}, expected a number per epoch`,
      );
    }
    if (list.length === 0) {
      throw new TypeError(message`Cannot draw ${name}: its list is empty, expected an entry per epoch`);
    }
    return [name, Array.from(list) as number[]];
  });
}

/** Whether the lists stand in an object of their own, as in what fit() returns. */
function isNested(history: ChartHistory): history is { readonly history: Record<string, readonly number[]> } {
  const inner: unknown = (history as { history?: unknown }).history;
  return typeof inner === "object" && inner !== null && !isList(inner);
}

function axisTitle(names: readonly string[]): string {
  if (names.every((name) => name.toLowerCase().endsWith("loss"))) return "loss";
  return names.length === 1 ? names[0]! : "value";
}
