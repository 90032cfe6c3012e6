import { formatShape } from "../../_internal/format.ts";
import type { Shape } from "../../array/shape.ts";
import type { Layer, ModelParameters } from "../layers/layer.ts";

/**
 * Layers, output shapes and numbers of parameters, as a table.
 *
 * @param title The first line
 * @param shapes The shape of one example before the first layer and after each
 */
export function summarize(
  title: string,
  layers: readonly Layer[],
  shapes: readonly Shape[],
  parameters: ModelParameters,
): string {
  const counts = parameters.map((layer) => Object.values(layer).reduce((n, p) => n + p.size, 0));
  const table = [
    ["layer", "output shape", "activation", "parameters"],
    ...layers.map((layer, i) => [
      nameOf(layer, i),
      formatShape(shapes[i + 1]!).replace(/^\[(?=\d)/, "[batch, ").replace("[]", "[batch]"),
      layer.activation,
      String(counts[i]),
    ]),
  ];
  const widths = table[0]!.map((_, k) => Math.max(...table.map((row) => row[k]!.length)));
  return [
    title,
    ...table.map((row) => row.map((cell, k) => cell.padEnd(widths[k]!)).join("  ").trimEnd()),
    `total parameters: ${counts.reduce((a, b) => a + b, 0)}`,
  ].join("\n");
}

/** What a layer is called: its own name, or its kind and position. */
export function nameOf(layer: Layer, index: number): string {
  return layer.name ?? `${layer.kind}_${index + 1}`;
}
