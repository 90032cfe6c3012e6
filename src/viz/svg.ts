import { message } from "../_internal/message.ts";
import { readText } from "../_internal/readers/mod.ts";

/**
 * A graph in the DOT language as an SVG picture, laid out by Graphviz (as WebAssembly: no program, network or
 * permission needed). Graphviz is loaded by the first call.
 *
 * @param dot DOT text, such as `toDot` returns
 * @returns SVG text
 * @throws {SyntaxError} If Graphviz cannot read the text
 *
 * @example
 * ```ts
 * import { dotToSvg } from "@tapegrad/tapegrad/viz";
 *
 * const svg = await dotToSvg("digraph { x -> y }");
 * console.log(svg.includes("<svg")); // true
 * ```
 */
export async function dotToSvg(dot: string): Promise<string> {
  readText("dotToSvg", "the text", dot);
  const { instance } = await import("npm:@viz-js/viz@^3.31.0");
  const result = (await instance()).render(dot, { format: "svg" });
  if (result.status === "failure") {
    throw new SyntaxError(
      message`Cannot draw the graph:
      ${result.errors.map(({ message }) => message).join(", ") || "not DOT text"}`,
    );
  }
  return result.output;
}
