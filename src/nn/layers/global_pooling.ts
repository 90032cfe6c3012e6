import { where } from "../../functions/mod.ts";
import type { Variable } from "../../variable/mod.ts";
import type { LayerFactory, LayerOptions } from "../core/layer.ts";
import { defineOneInputLayer } from "./_one_input.ts";
import { maskOf } from "../core/notes.ts";
import { checkRank, readLayerOptions } from "./_options.ts";

/** Options of global pooling. */
export interface GlobalPoolingOptions extends LayerOptions {
  /** Whether the axes stay, with length 1; false by default. */
  readonly keepdims?: boolean;
}

/** How axes are reduced; a mask `[batch, steps, 1]` says which steps count. */
type Reduce = (
  x: Variable,
  options: { readonly axis: readonly number[]; readonly keepDims: boolean },
  mask: Variable | undefined,
) => Variable;

const mean: Reduce = (x, options, mask) => {
  if (mask === undefined) return x.mean(options);
  const counts = mask.sum(options).maximum(1);
  return mask.where(x, 0).sum(options).div(counts);
};

const largest: Reduce = (x, options, mask) => {
  if (mask === undefined) return x.max(options);
  return where(mask.max(options), mask.where(x, -Infinity).max(options), 0);
};

function define(kind: string, rank: 3 | 4, reduce: Reduce): LayerFactory<GlobalPoolingOptions> {
  const axis = rank === 3 ? [1] : [1, 2];
  return defineOneInputLayer(kind, (options: GlobalPoolingOptions) => {
    const { keepdims } = readLayerOptions(kind, options, { keepdims: false });
    return (x: Variable) => {
      checkRank(kind, x.shape, rank, rank === 3 ? "[steps, channels]" : "[height, width, channels]");
      const mask = rank === 3 ? maskOf(x) : undefined;
      const steps = mask?.cast(x.dtype).reshape([...mask.shape, 1]);
      return reduce(x, { axis, keepDims: keepdims }, steps);
    };
  });
}

/**
 * The mean over the steps of each channel: `[batch, steps, channels]` becomes `[batch, channels]`. Steps that a mask
 * leaves out do not count.
 *
 * @param options Whether axes stay
 *
 * @example
 * ```ts
 * import { globalAveragePooling1d, input } from "@tapegrad/tapegrad/nn";
 *
 * console.log(globalAveragePooling1d().apply(input({ shape: [8, 3] })).shape); // [3]
 * ```
 */
export const globalAveragePooling1d: LayerFactory<GlobalPoolingOptions> = define(
  "globalAveragePooling1d",
  3,
  mean,
);

/**
 * The mean over all pixels of each channel: `[batch, height, width, channels]` becomes `[batch, channels]`.
 *
 * @param options Whether axes stay
 *
 * @example
 * ```ts
 * import { globalAveragePooling2d, input } from "@tapegrad/tapegrad/nn";
 *
 * console.log(globalAveragePooling2d().apply(input({ shape: [8, 8, 3] })).shape); // [3]
 * ```
 */
export const globalAveragePooling2d: LayerFactory<GlobalPoolingOptions> = define(
  "globalAveragePooling2d",
  4,
  mean,
);

/**
 * The largest of the steps of each channel: `[batch, steps, channels]` becomes `[batch, channels]`. Steps that a mask
 * leaves out do not count; where none does, the result is 0.
 *
 * @param options Whether axes stay
 *
 * @example
 * ```ts
 * import { globalMaxPooling1d, input } from "@tapegrad/tapegrad/nn";
 *
 * console.log(globalMaxPooling1d().apply(input({ shape: [8, 3] })).shape); // [3]
 * ```
 */
export const globalMaxPooling1d: LayerFactory<GlobalPoolingOptions> = define(
  "globalMaxPooling1d",
  3,
  largest,
);

/**
 * The largest of all pixels of each channel: `[batch, height, width, channels]` becomes `[batch, channels]`.
 *
 * @param options Whether axes stay
 *
 * @example
 * ```ts
 * import { globalMaxPooling2d, input } from "@tapegrad/tapegrad/nn";
 *
 * console.log(globalMaxPooling2d().apply(input({ shape: [8, 8, 3] })).shape); // [3]
 * ```
 */
export const globalMaxPooling2d: LayerFactory<GlobalPoolingOptions> = define(
  "globalMaxPooling2d",
  4,
  largest,
);
