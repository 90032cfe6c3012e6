import { avgPool1d, avgPool2d, maxPool1d, maxPool2d } from "../../functions/mod.ts";
import type { Pair, Variable } from "../../variable/mod.ts";
import type { LayerFactory, LayerOptions } from "../core/layer.ts";
import { defineOneInputLayer } from "./_one_input.ts";
import { endMask } from "../core/notes.ts";
import { checkRank, PADDINGS, readCount, readCounts, readLayerOptions, readName } from "./_options.ts";

/** Options of {@linkcode maxPooling1d} and {@linkcode averagePooling1d}. */
export interface Pooling1dOptions extends LayerOptions {
  /** The length of the window; 2 by default. */
  readonly poolSize?: number;
  /** Steps between windows; by default the length of the window. */
  readonly strides?: number;
  /** `"valid"` (no padding, the default) or `"same"`. */
  readonly padding?: "valid" | "same";
}

/** Options of {@linkcode maxPooling2d} and {@linkcode averagePooling2d}. */
export interface Pooling2dOptions extends LayerOptions {
  /** Height and width of the window, one number for both; 2 by default. */
  readonly poolSize?: Pair;
  /** Steps along height and width; by default the size of the window. */
  readonly strides?: Pair;
  /** `"valid"` (no padding, the default) or `"same"`. */
  readonly padding?: "valid" | "same";
}

type Moving<S> = { readonly strides: S; readonly padding: "valid" | "same" };

const POOLING = { poolSize: 2, strides: undefined, padding: "valid" } as const;

function definePooling1d(
  kind: string,
  pool: (x: Variable, size: number, options: Moving<number>) => Variable,
): LayerFactory<Pooling1dOptions> {
  return defineOneInputLayer(kind, (options: Pooling1dOptions) => {
    const read = readLayerOptions(kind, options, POOLING);
    const size = readCount(kind, "poolSize", read.poolSize);
    const strides = readCount(kind, "strides", read.strides === undefined ? size : read.strides);
    const padding = readName(kind, "padding", read.padding, PADDINGS);
    return (x: Variable) => {
      checkRank(kind, x.shape, 3, "[steps, channels]");
      return endMask(x, pool(x, size, { strides, padding }));
    };
  });
}

function definePooling2d(
  kind: string,
  pool: (x: Variable, size: Pair, options: Moving<Pair>) => Variable,
): LayerFactory<Pooling2dOptions> {
  return defineOneInputLayer(kind, (options: Pooling2dOptions) => {
    const read = readLayerOptions(kind, options, POOLING);
    const size = readCounts(kind, "poolSize", read.poolSize);
    const strides = readCounts(kind, "strides", read.strides === undefined ? size : read.strides);
    const padding = readName(kind, "padding", read.padding, PADDINGS);
    return (x: Variable) => {
      checkRank(kind, x.shape, 4, "[height, width, channels]");
      return endMask(x, pool(x, size, { strides, padding }));
    };
  });
}

/**
 * The largest element under a window that moves over sequences.
 *
 * @param options Size of the window (2 by default), strides, padding
 * @throws {RangeError} If a size is no integer from 1 up
 *
 * @example
 * ```ts
 * import { input, maxPooling1d } from "@tapegrad/tapegrad/nn";
 *
 * console.log(maxPooling1d().apply(input({ shape: [8, 3] })).shape); // [4, 3]
 * ```
 */
export const maxPooling1d: LayerFactory<Pooling1dOptions> = definePooling1d("maxPooling1d", maxPool1d);

/**
 * The mean of the elements under a window that moves over sequences; padding does not count.
 *
 * @param options Size of the window (2 by default), strides, padding
 * @throws {RangeError} If a size is no integer from 1 up
 *
 * @example
 * ```ts
 * import { averagePooling1d, input } from "@tapegrad/tapegrad/nn";
 *
 * console.log(averagePooling1d({ poolSize: 4 }).apply(input({ shape: [8, 3] })).shape); // [2, 3]
 * ```
 */
export const averagePooling1d: LayerFactory<Pooling1dOptions> = definePooling1d(
  "averagePooling1d",
  avgPool1d,
);

/**
 * The largest element under a window that moves over images.
 *
 * @param options Size of the window (2 by default), strides, padding
 * @throws {RangeError} If a size is no integer from 1 up
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
 * @throws {RangeError} If a size is no integer from 1 up
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
