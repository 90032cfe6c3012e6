import { describeValue } from "../_internal/format.ts";
import { message } from "../_internal/message.ts";
import { readOptions, readText } from "../_internal/readers/mod.ts";
import type { FloatArray } from "../array/dtype.ts";
import { toVariable } from "../variable/operands.ts";
import type { Operand } from "../variable/mod.ts";

/** How a chart is drawn. */
export interface ChartOptions {
  /** Written above the chart. */
  readonly title?: string;
  /** The width between the axes' ends in pixels. */
  readonly width?: number;
  /** The height between the axes' ends in pixels. */
  readonly height?: number;
}

/** How long a side of a chart may be, in pixels: ticks and pictures grow with it. */
const LONGEST_SIDE = 32768;

/** Colours that stay apart for eyes that don't tell red from green (Okabe and Ito, "Color universal design", 2008). */
export const COLORS: readonly string[] = [
  "#0072b2",
  "#d55e00",
  "#009e73",
  "#cc79a7",
  "#e69f00",
  "#56b4e9",
  "#7a6a00",
  "#444444",
];

/** Draws a Vega-Lite specification as SVG text; the libraries are loaded by the first call. */
export async function drawChart(specification: object): Promise<string> {
  const [vega, vegaLite] = await Promise.all([import("npm:vega@^6.4.0"), import("npm:vega-lite@^6.5.0")]);
  const { spec } = vegaLite.compile(
    {
      background: "white",
      padding: 12,
      config: { range: { category: COLORS } },
      ...specification,
    } as Parameters<
      typeof vegaLite.compile
    >[0],
  );
  const view = new vega.View(vega.parse(spec), { renderer: "none" });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

/** Reads title and size. */
export function readFrame(
  operation: string,
  options: ChartOptions | undefined,
  size: { readonly width: number; readonly height: number },
): Required<ChartOptions> {
  const defaults = { title: "", ...size };
  const { title, width, height } = readOptions<ChartOptions, typeof defaults>(operation, options, defaults);
  const sides: readonly unknown[] = [width, height];
  if (!sides.every((side) => typeof side === "number" && side > 0 && side <= LONGEST_SIDE)) {
    const Kind = sides.every((side) => typeof side === "number") ? RangeError : TypeError;
    throw new Kind(
      message`Cannot draw a chart: ${describeValue(width)} by ${describeValue(height)} pixels, both must be
      positive, up to ${LONGEST_SIDE}`,
    );
  }
  return { title: readText(operation, "the option title", title), width, height };
}

/**
 * Reads lists of numbers that belong together.
 *
 * @throws {TypeError} If one is empty, holds a number that is not finite, or they differ in size
 */
export function readLists<N extends string>(
  operation: string,
  lists: { readonly [K in N]: Operand },
): { readonly [K in N]: FloatArray } {
  const read = Object.entries<Operand>(lists).map(([name, list]) => [name, toVariable(list).data] as const);
  const [first] = read as [readonly [string, FloatArray]];
  for (const [name, { length }] of read) {
    if (length === 0) throw new TypeError(message`Cannot draw ${operation}: ${name} hold no number`);
    if (length === first[1].length) continue;
    throw new TypeError(
      message`Cannot draw ${operation}: there are ${first[1].length} ${
        first[0]
      } and ${length} ${name}, expected as many`,
    );
  }
  for (const [name, list] of read) {
    const at = list.findIndex((x) => !Number.isFinite(x));
    if (at < 0) continue;
    throw new TypeError(
      message`Cannot draw ${operation}: ${name} hold ${list[at]!} at ${at}, expected finite numbers`,
    );
  }
  return Object.fromEntries(read) as { readonly [K in N]: FloatArray };
}

/** Places in a list of at most so many, spread evenly, where it has more. */
export function spread(length: number, most: number): number[] {
  return Array.from(
    { length: Math.min(length, most) },
    (_, i) => length <= most ? i : Math.floor(i * length / most),
  );
}
