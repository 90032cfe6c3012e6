import type { AnyLayer } from "../core/layer.ts";
import type { ExampleShape } from "../core/spec.ts";
import type { Built } from "./store.ts";
import { countUnder, showShape } from "./summary.ts";

/** A layer where it stands in a model, as pictures and tables show it. */
export interface LayerNode {
  /** Its place in the order of calls. */
  readonly id: number;
  /** Its name in the model. */
  readonly name: string;
  /** What it is: `dense`, `conv2d`, `input` and so on. */
  readonly kind: string;
  /** The shape of what it gives, such as `[batch, 10]`. */
  readonly shape: string;
  /** How many numbers it has, trained or kept. */
  readonly parameters: number;
  /** The places that its inputs come from. */
  readonly operands: readonly number[];
}

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
