import type { Variable } from "../variable/mod.ts";
import { type DotOptions, toDot } from "./dot.ts";

/**
 * The graph of a Variable as an SVG picture, laid out by Graphviz (as WebAssembly: no program, network or
 * permission needed).
 *
 * @param variable A recorded Variable
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
export async function toSvg(variable: Variable, options: DotOptions = {}): Promise<string> {
  const dot = toDot(variable, options);
  const { instance } = await import("npm:@viz-js/viz@^3.31.0");
  const viz = await instance();
  return viz.renderString(dot, { format: "svg" });
}
