import { POSITIVE, readNumber } from "../../_internal/readers/mod.ts";
import type { Variable } from "../../variable/mod.ts";
import type { Context } from "../core/context.ts";
import type { LayerFactory } from "../core/layer.ts";
import { defineOneInputLayer } from "./_one_input.ts";
import { maskOf } from "../core/notes.ts";
import type { InitializerArgument } from "../initializers.ts";
import { readFeatureAxes, readLayerOptions } from "./_options.ts";
import { readScaleAndOffset, SCALE_AND_OFFSET, type ScaleAndOffsetOptions } from "./_scale_and_offset.ts";

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
export const batchNormalization: LayerFactory<BatchNormalizationOptions> = defineOneInputLayer(
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
    readNumber("a batchNormalization layer", "epsilon", epsilon, POSITIVE);
    readNumber("a batchNormalization layer", "momentum", momentum, { min: 0, max: 1 });
    const { gamma, beta } = readScaleAndOffset(read);
    return (x: Variable, c: Context) => {
      const [axis] = readFeatureAxes("batchNormalization", read.axis, x.rank);
      const features = x.shape[axis] ?? 1;
      const along = (v: Variable): Variable => v.reshape(x.shape.map((_, i) => i === axis ? features : 1));
      const scale = gamma?.(c, "gamma", [features]);
      const offset = beta?.(c, "beta", [features]);
      const movingMean = c.state("movingMean", [features], read.movingMeanInitializer);
      const movingVariance = c.state("movingVariance", [features], read.movingVarianceInitializer);
      const normalize = (centered: Variable, variance: Variable): Variable => {
        const deviation = along(variance).add(epsilon).rsqrt();
        const scaled = centered.mul(scale === undefined ? deviation : deviation.mul(along(scale)));
        return offset === undefined ? scaled : scaled.add(along(offset));
      };
      if (!(c.training && c.trainable)) return normalize(x.sub(along(movingMean)), movingVariance);
      const average = meanOver(x, axis);
      const mean = average(x);
      const centered = x.sub(along(mean));
      const variance = average(centered.square());
      c.update("movingMean", movingMean.mul(momentum).add(mean.mul(1 - momentum)));
      c.update("movingVariance", movingVariance.mul(momentum).add(variance.mul(1 - momentum)));
      return normalize(centered, variance);
    };
  },
);

/** The mean of what is like x over all axes but one; steps that a mask of x leaves out do not count. */
function meanOver(x: Variable, axis: number): (values: Variable) => Variable {
  const others = x.shape.map((_, i) => i).filter((i) => i !== axis);
  const mask = axis === 1 ? undefined : maskOf(x);
  if (mask === undefined) return (values) => values.mean({ axis: others });
  const counts = mask.cast(x.dtype).reshape([...mask.shape, ...x.shape.slice(2).map(() => 1)]);
  const rest = x.shape.slice(2).reduce(
    (product, length, i) => i + 2 === axis ? product : product * length,
    1,
  );
  // What is added keeps it from 0, as in Keras.
  const number = counts.sum().mul(rest).add(1e-7);
  return (values) => counts.where(values, 0).sum({ axis: others }).div(number);
}
