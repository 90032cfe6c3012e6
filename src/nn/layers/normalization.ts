import { POSITIVE, readNumber } from "../../_internal/readers/mod.ts";
import { groupNorm, layerNorm } from "../../functions/mod.ts";
import type { Variable } from "../../variable/mod.ts";
import type { Context } from "../core/context.ts";
import type { LayerFactory, LayerOptions } from "../core/layer.ts";
import { defineOneInputLayer } from "./_one_input.ts";
import { readCount, readFeatureAxes, readLayerOptions } from "./_options.ts";
import { readScaleAndOffset, SCALE_AND_OFFSET, type ScaleAndOffsetOptions } from "./_scale_and_offset.ts";

/** Options of {@linkcode layerNormalization}. */
export interface LayerNormalizationOptions extends ScaleAndOffsetOptions {
  /** One axis or several of the batch `[batch, ...]`; the last by default. */
  readonly axis?: number | readonly number[];
}

/**
 * Layer normalization with factors `gamma` and an offset `beta` that are learnt (Ba et al. 2016).
 *
 * @param options Axes, epsilon, and whether factors and offset are learnt
 * @throws {RangeError} If epsilon is not positive
 *
 * @example
 * ```ts
 * import { layerNormalization, sequential } from "@tapegrad/tapegrad/nn";
 *
 * const model = sequential([layerNormalization({ epsilon: 1e-12 })]).build([2]);
 * console.log(model.predict([[1, 3]]).round().value); // [[-1, 1]]
 * ```
 */
export const layerNormalization: LayerFactory<LayerNormalizationOptions> = defineOneInputLayer(
  "layerNormalization",
  (options: LayerNormalizationOptions) => {
    const read = readLayerOptions("layerNormalization", options, { ...SCALE_AND_OFFSET, axis: -1 });
    readNumber("a layerNormalization layer", "epsilon", read.epsilon, POSITIVE);
    const { gamma, beta } = readScaleAndOffset(read);
    return (x: Variable, c: Context) => {
      const axes = readFeatureAxes("layerNormalization", read.axis, x.rank);
      const [first] = axes;
      const shape = axes.map((axis) => x.shape[axis] ?? 1);
      // Length 1 on the axes that are not normalized, so that the parameters broadcast.
      const along = x.shape.map((length, i) => axes.includes(i) ? length : 1).slice(first);
      const scale = gamma?.(c, "gamma", shape).reshape(along);
      const offset = beta?.(c, "beta", shape).reshape(along);
      return layerNorm(x, {
        axis: axes,
        epsilon: read.epsilon,
        ...scale === undefined ? {} : { scale },
        ...offset === undefined ? {} : { offset },
      });
    };
  },
);

/** Options of {@linkcode groupNormalization}. */
export interface GroupNormalizationOptions extends ScaleAndOffsetOptions {
  /** The number of groups, which divides that of the channels; -1 for a group each; 32 by default. */
  readonly groups?: number;
  /** The axis of the channels in the batch `[batch, ...]`; the last by default. */
  readonly axis?: number;
}

/**
 * Group normalization (Wu and He 2018): neighbouring channels are normalized together over all pixels of an example,
 * with factors `gamma` and an offset `beta` for each channel.
 *
 * @param options The number of groups, axis, epsilon, and whether factors and offset are learnt
 * @throws {RangeError} If epsilon is not positive, or groups do not divide the channels
 *
 * @example
 * ```ts
 * import { groupNormalization, input } from "@tapegrad/tapegrad/nn";
 *
 * console.log(groupNormalization({ groups: 2 }).apply(input({ shape: [8, 8, 4] })).shape); // [8, 8, 4]
 * ```
 */
export const groupNormalization: LayerFactory<GroupNormalizationOptions> = defineOneInputLayer(
  "groupNormalization",
  (options: GroupNormalizationOptions) => {
    const read = readLayerOptions("groupNormalization", options, {
      ...SCALE_AND_OFFSET,
      groups: 32,
      axis: -1,
    });
    const { epsilon } = read;
    readNumber("a groupNormalization layer", "epsilon", epsilon, POSITIVE);
    const groups = read.groups === -1 ? -1 : readCount("groupNormalization", "groups", read.groups);
    const { gamma, beta } = readScaleAndOffset(read);
    return (x: Variable, c: Context) => {
      const [axis] = readFeatureAxes("groupNormalization", read.axis, x.rank);
      const channels = x.shape[axis] ?? 0;
      const scale = gamma?.(c, "gamma", [channels]);
      const offset = beta?.(c, "beta", [channels]);
      const last = x.rank - 1;
      const order = x.shape.map((_, i) => i);
      const moved = axis === last ? x : x.transpose([...order.filter((i) => i !== axis), axis]);
      const normalized = groupNorm(moved, groups === -1 ? channels : groups, {
        epsilon,
        ...scale === undefined ? {} : { scale },
        ...offset === undefined ? {} : { offset },
      });
      return axis === last
        ? normalized
        : normalized.transpose(order.map((i) => i < axis ? i : i === axis ? last : i - 1));
    };
  },
);

/** Options of {@linkcode unitNormalization}. */
export interface UnitNormalizationOptions extends LayerOptions {
  /** The axis, or axes, along which vectors lie; the last by default. */
  readonly axis?: number | readonly number[];
}

/**
 * Divides vectors by their length.
 *
 * @param options Along which axes they lie
 *
 * @example
 * ```ts
 * import { sequential, unitNormalization } from "@tapegrad/tapegrad/nn";
 *
 * const [length] = sequential([unitNormalization()]).build([2]).predict([[3, 4]]).norm({ axis: -1 }).data;
 * console.log(length!.toFixed(4)); // 1.0000
 * ```
 */
export const unitNormalization: LayerFactory<UnitNormalizationOptions> = defineOneInputLayer(
  "unitNormalization",
  (options: UnitNormalizationOptions) => {
    const { axis } = readLayerOptions("unitNormalization", options, { axis: -1 });
    return (x: Variable) => {
      const axes = readFeatureAxes("unitNormalization", axis, x.rank);
      return x.mul(x.square().sum({ axis: axes, keepDims: true }).maximum(1e-12).rsqrt());
    };
  },
);
