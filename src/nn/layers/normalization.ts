import { readAxes, readNumber } from "../../_internal/readers/mod.ts";

import { layerNorm } from "../../functions/mod.ts";
import type { Variable } from "../../variable/mod.ts";
import type { ConstraintArgument } from "../constraints.ts";
import type { Context } from "../core/context.ts";
import { defineLayer, type LayerFactory, type LayerOptions } from "../core/layer.ts";
import type { InitializerArgument } from "../initializers.ts";
import type { RegularizerArgument } from "../regularizers.ts";
import { readLayerOptions } from "./_options.ts";
import { readWeight } from "./core.ts";

/** What the normalizations have in common. */
export interface ScaleAndOffsetOptions extends LayerOptions {
  /** Added to the variance before its root is taken; 1e-3 by default, as in Keras. */
  readonly epsilon?: number;
  /** Whether an offset is learnt; true by default. */
  readonly center?: boolean;
  /** Whether factors are learnt; true by default. */
  readonly scale?: boolean;
  /** `"zeros"` by default. */
  readonly betaInitializer?: InitializerArgument;
  /** `"ones"` by default. */
  readonly gammaInitializer?: InitializerArgument;
  /** Added to the loss for the offset. */
  readonly betaRegularizer?: RegularizerArgument;
  /** Added to the loss for the factors. */
  readonly gammaRegularizer?: RegularizerArgument;
  /** Applied to the offset after each update. */
  readonly betaConstraint?: ConstraintArgument;
  /** Applied to the factors after each update. */
  readonly gammaConstraint?: ConstraintArgument;
}

/** The defaults of {@linkcode ScaleAndOffsetOptions}. */
export const SCALE_AND_OFFSET = {
  epsilon: 1e-3,
  center: true,
  scale: true,
  betaInitializer: "zeros",
  gammaInitializer: "ones",
  betaRegularizer: undefined,
  gammaRegularizer: undefined,
  betaConstraint: undefined,
  gammaConstraint: undefined,
} as const;

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
export const layerNormalization: LayerFactory<LayerNormalizationOptions> = defineLayer(
  "layerNormalization",
  (options: LayerNormalizationOptions) => {
    const read = readLayerOptions("layerNormalization", options, { ...SCALE_AND_OFFSET, axis: -1 });
    readNumber("a layerNormalization layer", "epsilon", read.epsilon, { above: 0 });
    const { gamma, beta } = readScaleAndOffset(read);
    return (x: Variable, c: Context) => {
      const axes = readAxes("layerNormalization", read.axis, x.rank);
      const [first = 0] = axes;
      if (first === 0) {
        throw new RangeError("Cannot apply a layerNormalization layer: axis 0 is the batch, name others");
      }
      // Length 1 on the axes that are not normalized, so that the parameters broadcast.
      const shape = x.shape.map((length, i) => axes.includes(i) ? length : 1).slice(first);
      const scale = gamma?.(c, "gamma", shape);
      const offset = beta?.(c, "beta", shape);
      return layerNorm(x, {
        axis: axes,
        epsilon: read.epsilon,
        ...scale === undefined ? {} : { scale },
        ...offset === undefined ? {} : { offset },
      });
    };
  },
);

/** Options of {@linkcode batchNormalization}. */
export interface BatchNormalizationOptions extends ScaleAndOffsetOptions {
  /** The axis of the features, which are normalized each by itself; the last by default. */
  readonly axis?: number;
  /** How slowly the moving mean and variance change; 0.99 by default. */
  readonly momentum?: number;
  /** `"zeros"` by default. */
  readonly movingMeanInitializer?: InitializerArgument;
  /** `"ones"` by default. */
  readonly movingVarianceInitializer?: InitializerArgument;
}

/**
 * Batch normalization (Ioffe and Szegedy 2015): in training each feature is normalized by mean and variance of the
 * batch, which are kept as moving averages, by which it is normalized else, and while the layer is frozen.
 *
 * @param options Axis, momentum, epsilon, and whether factors and offset are learnt
 * @throws {RangeError} If epsilon is not positive, or momentum is not from 0 to 1
 *
 * @example
 * ```ts
 * import { batchNormalization, sequential } from "@tapegrad/tapegrad/nn";
 *
 * const model = sequential([batchNormalization()]).build([2]);
 * console.log(Object.keys(model.getWeights()).length); // 4: gamma, beta, moving mean and variance
 * ```
 */
export const batchNormalization: LayerFactory<BatchNormalizationOptions> = defineLayer(
  "batchNormalization",
  (options: BatchNormalizationOptions) => {
    const read = readLayerOptions("batchNormalization", options, {
      ...SCALE_AND_OFFSET,
      axis: -1,
      momentum: 0.99,
      movingMeanInitializer: "zeros",
      movingVarianceInitializer: "ones",
    });
    const { epsilon, momentum } = read;
    readNumber("a batchNormalization layer", "epsilon", epsilon, { above: 0 });
    readNumber("a batchNormalization layer", "momentum", momentum, { min: 0, max: 1 });
    const { gamma, beta } = readScaleAndOffset(read);
    return (x: Variable, c: Context) => {
      const [axis = -1] = readAxes("batchNormalization", read.axis, x.rank);
      const others = x.shape.map((_, i) => i).filter((i) => i !== axis);
      const features = x.shape[axis] ?? 1;
      const along = (v: Variable): Variable => v.reshape(x.shape.map((_, i) => i === axis ? features : 1));
      const scale = gamma?.(c, "gamma", [features]);
      const offset = beta?.(c, "beta", [features]);
      const movingMean = c.state("moving_mean", [features], read.movingMeanInitializer);
      const movingVariance = c.state("moving_variance", [features], read.movingVarianceInitializer);
      const normalize = (centered: Variable, variance: Variable): Variable => {
        const deviation = along(variance).add(epsilon).rsqrt();
        const scaled = centered.mul(scale === undefined ? deviation : deviation.mul(along(scale)));
        return offset === undefined ? scaled : scaled.add(along(offset));
      };
      if (!(c.training && c.trainable)) return normalize(x.sub(along(movingMean)), movingVariance);
      const mean = x.mean({ axis: others });
      const centered = x.sub(along(mean));
      const variance = centered.square().mean({ axis: others });
      c.update("moving_mean", movingMean.mul(momentum).add(mean.mul(1 - momentum)));
      c.update("moving_variance", movingVariance.mul(momentum).add(variance.mul(1 - momentum)));
      return normalize(centered, variance);
    };
  },
);

/** The two weights of a normalization, where they are learnt. */
export function readScaleAndOffset(
  read: {
    readonly [K in Exclude<keyof ScaleAndOffsetOptions, keyof LayerOptions>]-?:
      | ScaleAndOffsetOptions[K]
      | undefined;
  },
): {
  readonly gamma: ReturnType<typeof readWeight> | undefined;
  readonly beta: ReturnType<typeof readWeight> | undefined;
} {
  return {
    gamma: read.scale
      ? readWeight(read.gammaInitializer ?? "ones", read.gammaRegularizer, read.gammaConstraint)
      : undefined,
    beta: read.center
      ? readWeight(read.betaInitializer ?? "zeros", read.betaRegularizer, read.betaConstraint)
      : undefined,
  };
}
