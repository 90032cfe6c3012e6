import type { LayerNode } from "../../_internal/layer_node.ts";
import type { AnyLayer } from "../core/layer.ts";
import type { ExampleShape } from "../core/spec.ts";
import type { Built } from "./store.ts";
import { countUnder, showShape } from "./summary.ts";

export type { LayerNode };

/** An input of a model, or a call of one of its layers. */
export interface LayerCall {
  /** The layer; null for an input. */
  readonly layer: AnyLayer | null;
  readonly name: string;
  /** The shape of an input. */
  readonly shape?: ExampleShape;
  /** The calls whose results it takes. */
  readonly operands: readonly number[];
}

/** The calls of a built model with their shapes and sizes. */
export function layerGraph(calls: readonly LayerCall[], built: Built): LayerNode[] {
  return calls.map(({ layer, name, shape, operands }, id) => {
    const path = layer === null ? name : built.paths.get(layer) ?? name;
    const shapes = layer === null ? [[null, ...shape ?? []]] : built.shapes.get(path) ?? [];
    return {
      id,
      name,
      kind: layer?.kind ?? "input",
      shape: shapes.map(showShape).join(" "),
      parameters: layer === null ? 0 : countUnder(path, built.parameters) + countUnder(path, built.state),
      operands,
    };
  });
}
