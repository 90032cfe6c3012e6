import type { Weights } from "../../optim/mod.ts";
import type { AnyLayer } from "../core/layer.ts";
import type { ExampleShape } from "../core/spec.ts";
import type { Built } from "./store.ts";

/**
 * Layers, output shapes and numbers of parameters, as a table.
 *
 * @param title The first line
 * @param names The layers by name
 */
export function summarize(title: string, names: ReadonlyMap<string, AnyLayer>, built: Built): string {
  const rows = [...names].map(([name, layer]) => {
    const path = built.paths.get(layer) ?? name;
    return [
      layer.name === undefined ? name : `${name} (${layer.kind})`,
      (built.shapes.get(path) ?? []).map(showShape).join(" "),
      String(countUnder(path, built.parameters) + countUnder(path, built.state)),
    ];
  });
  const table = [["layer", "output shape", "parameters"], ...rows];
  const widths = [0, 1, 2].map((k) => Math.max(...table.map((row) => row[k]?.length ?? 0)));
  const total = countUnder("", built.parameters);
  const frozen = Object.entries(built.parameters)
    .filter(([path]) => !isTrained(built, path)).reduce((sum, [, { size }]) => sum + size, 0);
  const kept = countUnder("", built.state);
  return [
    title,
    ...table.map((row) => row.map((cell, k) => cell.padEnd(widths[k] ?? 0)).join("  ").trimEnd()),
    `total parameters: ${total + kept}${frozen + kept === 0 ? "" : `, trained: ${total - frozen}`}`,
  ].join("\n");
}

/** Whether all layers that lead to a parameter are trained. */
export function isTrained(
  { chains }: Pick<Built, "chains">,
  path: string,
  isTrainable: (layer: AnyLayer) => boolean = (layer) => layer.trainable,
): boolean {
  return (chains.get(path) ?? []).every(isTrainable);
}

/** The shape of a result, batch axis included. */
export function showShape(shape: ExampleShape): string {
  return `[${["batch", ...shape.slice(1).map((length) => length ?? "any")].join(", ")}]`;
}

/** How many numbers the weights under a path have. */
export function countUnder(path: string, weights: Weights): number {
  return Object.entries(weights)
    .filter(([name]) => path === "" || name.startsWith(`${path}/`))
    .reduce((sum, [, { size }]) => sum + size, 0);
}
