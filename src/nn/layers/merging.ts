import { message } from "../../_internal/message.ts";
import { concat } from "../../functions/mod.ts";
import type { Variable } from "../../variable/mod.ts";
import { defineLayer, type LayerFactory, type LayerOptions } from "../core/layer.ts";
import { readLayerOptions } from "./_options.ts";

/** A layer that joins inputs element by element, which broadcast. */
function defineMerge(
  kind: string,
  join: (x: Variable, y: Variable) => Variable,
): LayerFactory<Record<never, never>, readonly Variable[]> {
  return defineLayer(kind, (options: LayerOptions) => {
    readLayerOptions(kind, options, {});
    return (inputs: readonly Variable[]) => {
      checkSeveral(kind, inputs);
      return inputs.reduce(join);
    };
  });
}

/**
 * The sum of several inputs of the same shape, or shapes that broadcast.
 *
 * @example
 * ```ts
 * import { add, dense, input } from "@tapegrad/tapegrad/nn";
 *
 * const x = input({ shape: [4] });
 * console.log(add().apply([x, dense({ units: 4 }).apply(x)]).shape); // [4]
 * ```
 */
export const add: LayerFactory<Record<never, never>, readonly Variable[]> = defineMerge(
  "add",
  (x, y) => x.add(y),
);

/** Options of {@linkcode concatenate}. */
export interface ConcatenateOptions extends LayerOptions {
  /** Along which axis of the batch `[batch, ...]`; the last by default. */
  readonly axis?: number;
}

/**
 * Several inputs one after the other along an axis.
 *
 * @param options The axis, -1 by default
 *
 * @example
 * ```ts
 * import { concatenate, input } from "@tapegrad/tapegrad/nn";
 *
 * console.log(concatenate().apply([input({ shape: [4] }), input({ shape: [2] })]).shape); // [6]
 * ```
 */
export const concatenate: LayerFactory<ConcatenateOptions, readonly Variable[]> = defineLayer(
  "concatenate",
  (options: ConcatenateOptions) => {
    const { axis } = readLayerOptions("concatenate", options, { axis: -1 });
    return (inputs: readonly Variable[]) => {
      checkSeveral("concatenate", inputs);
      return concat([...inputs], { axis });
    };
  },
);

function checkSeveral(kind: string, inputs: readonly Variable[]): void {
  if (Array.isArray(inputs) && inputs.length > 0) return;
  throw new TypeError(message`Cannot apply a ${kind} layer: its input is an array of one or more Variables`);
}
