import { avgPool2d, globalAvgPool, maxPool2d } from "../../functions/mod.ts";
import type { Pair, Variable } from "../../variable/mod.ts";
import { defineLayer, type LayerFactory, type LayerOptions } from "../core/layer.ts";
import { checkRank, readLayerOptions } from "./_options.ts";

/** Options of {@linkcode maxPooling2d} and {@linkcode averagePooling2d}. */
export interface Pooling2dOptions extends LayerOptions {
  /** Height and width of the window, one number for both; 2 by default. */
  readonly poolSize?: Pair;
  /** Steps along height and width; by default the size of the window. */
  readonly strides?: Pair;
  /** `"valid"` (no padding, the default) or `"same"`. */
  readonly padding?: "valid" | "same";
}

type Pool2d = (
  x: Variable,
  size: Pair,
  options: { strides: Pair; padding: "valid" | "same" },
) => Variable;

function definePooling2d(kind: string, pool: Pool2d): LayerFactory<Pooling2dOptions> {
  return defineLayer(kind, (options: Pooling2dOptions) => {
    const read = readLayerOptions(kind, options, { poolSize: 2, strides: undefined, padding: "valid" });
    const strides = read.strides ?? read.poolSize;
    return (x: Variable) => {
      checkRank(kind, x.shape, 4, "[height, width, channels]");
      return pool(x, read.poolSize, { strides, padding: read.padding });
    };
  });
}

/**
 * The largest element under a window that moves over images.
 *
 * @param options Size of the window (2 by default), strides, padding
 *
 * @example
 * ```ts
 * import { input, maxPooling2d } from "@tapegrad/tapegrad/nn";
 *
 * console.log(maxPooling2d().apply(input({ shape: [8, 8, 3] })).shape); // [4, 4, 3]
 * ```
 */
export const maxPooling2d: LayerFactory<Pooling2dOptions> = definePooling2d("maxPooling2d", maxPool2d);

/**
 * The mean of the elements under a window that moves over images; padding does not count.
 *
 * @param options Size of the window (2 by default), strides, padding
 *
 * @example
 * ```ts
 * import { averagePooling2d, input } from "@tapegrad/tapegrad/nn";
 *
 * console.log(averagePooling2d({ poolSize: 4 }).apply(input({ shape: [8, 8, 3] })).shape); // [2, 2, 3]
 * ```
 */
export const averagePooling2d: LayerFactory<Pooling2dOptions> = definePooling2d(
  "averagePooling2d",
  avgPool2d,
);

/**
 * The mean over all pixels of each channel: `[batch, height, width, channels]` becomes `[batch, channels]`.
 *
 * @example
 * ```ts
 * import { globalAveragePooling2d, input } from "@tapegrad/tapegrad/nn";
 *
 * console.log(globalAveragePooling2d().apply(input({ shape: [8, 8, 3] })).shape); // [3]
 * ```
 */
export const globalAveragePooling2d: LayerFactory<Record<never, never>> = defineLayer(
  "globalAveragePooling2d",
  (options: LayerOptions) => {
    readLayerOptions("globalAveragePooling2d", options, {});
    return (x: Variable) => {
      checkRank("globalAveragePooling2d", x.shape, 4, "[height, width, channels]");
      return globalAvgPool(x);
    };
  },
);
