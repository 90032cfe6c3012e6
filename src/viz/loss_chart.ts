/** What `model.fit` returns, or the lists in it. */
export type ChartHistory =
  | { readonly history: { readonly [name: string]: readonly number[] } }
  | { readonly [name: string]: readonly number[] };

/** How a chart is drawn. */
export interface LossChartOptions {
  /** Written above the chart. */
  readonly title?: string;
  /** In pixels, 480 by default. */
  readonly width?: number;
  /** In pixels, 280 by default. */
  readonly height?: number;
}

/**
 * The losses of each epoch as a line chart in SVG: every list whose name ends in "loss". Drawn by Vega-Lite,
 * without a browser or network.
 *
 * @param history What `model.fit` returned
 * @param options Title and size
 * @throws {TypeError} If there is no list of losses, or one is empty
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
  const lists = ("history" in history && !Array.isArray(history.history) ? history.history : history) as {
    readonly [name: string]: readonly number[];
  };
  const names = Object.keys(lists).filter((name) => name.toLowerCase().endsWith("loss"));
  if (names.length === 0 || names.some((name) => lists[name]!.length === 0)) {
    throw new TypeError(
      `Cannot draw a loss chart: found ${
        Object.keys(lists).join(", ") || "nothing"
      }, expected a list named loss ` +
        `with an entry per epoch`,
    );
  }
  const values = names.flatMap((series) =>
    lists[series]!.map((loss, i) => ({ epoch: i + 1, loss: Number.isFinite(loss) ? loss : null, series }))
  );
  const [vega, vegaLite] = await Promise.all([import("npm:vega@^6.4.0"), import("npm:vega-lite@^6.5.0")]);
  const { spec } = vegaLite.compile({
    title: options.title ?? "",
    width: options.width ?? 480,
    height: options.height ?? 280,
    background: "white",
    padding: 12,
    data: { values },
    mark: { type: "line", point: values.length <= 60, strokeWidth: 2 },
    encoding: {
      x: { field: "epoch", type: "quantitative", axis: { title: "epoch", grid: false, tickMinStep: 1 } },
      y: { field: "loss", type: "quantitative", axis: { title: "loss" }, scale: { zero: true } },
      color: { field: "series", type: "nominal", legend: names.length > 1 ? {} : null },
    },
  });
  const view = new vega.View(vega.parse(spec), { renderer: "none" });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}
