import { readAxis, readIntegers, readNumber } from "../../_internal/readers/mod.ts";
import type { Variable } from "../../variable/mod.ts";
import type { ConstraintArgument } from "../constraints.ts";
import type { Context } from "../core/context.ts";
import type { LayerFactory, LayerOptions } from "../core/layer.ts";
import { defineOneInputLayer } from "./_one_input.ts";
import { noteLogits } from "../core/notes.ts";
import type { InitializerArgument } from "../initializers.ts";
import type { RegularizerArgument } from "../regularizers.ts";
import { readFeatureAxes, readLayerOptions } from "./_options.ts";
import { readWeight } from "./_weights.ts";

/** Options of {@linkcode reLU}. */
export interface ReLULayerOptions extends LayerOptions {
  /** The largest result; by default there is none. */
  readonly maxValue?: number;
  /** The slope below the threshold; 0 by default. */
  readonly negativeSlope?: number;
  /** From where on the input is the result; 0 by default. */
  readonly threshold?: number;
}

/**
 * Straight lines: x from the threshold up, at most `maxValue`; below `negativeSlope (x - threshold)`.
 *
 * @param options The largest result, slope and threshold
 * @throws {RangeError} If one of them is negative
 *
 * @example
 * ```ts
 * import { reLU, sequential } from "@tapegrad/tapegrad/nn";
 *
 * console.log(sequential([reLU({ maxValue: 6 })]).build([3]).predict([[-1, 2, 8]]).value); // [[0, 2, 6]]
 * ```
 */
export const reLU: LayerFactory<ReLULayerOptions> = defineOneInputLayer(
  "reLU",
  (options: ReLULayerOptions) => {
    const read = readLayerOptions("reLU", options, { maxValue: undefined, negativeSlope: 0, threshold: 0 });
    const { maxValue } = read;
    if (maxValue !== undefined) readNumber("a reLU layer", "maxValue", maxValue, { min: 0 });
    const slope = readNumber("a reLU layer", "negativeSlope", read.negativeSlope, {
      min: 0,
      below: Infinity,
    });
    const threshold = readNumber("a reLU layer", "threshold", read.threshold, { min: 0, below: Infinity });
    return (x: Variable) => {
      const top = maxValue === undefined ? x : x.minimum(maxValue);
      if (threshold === 0) return slope === 0 ? top.relu() : top.leakyRelu({ negativeSlope: slope });
      return x.ge(threshold).where(top, slope === 0 ? 0 : x.sub(threshold).mul(slope));
    };
  },
);

/** Options of {@linkcode leakyReLU}. */
export interface LeakyReLULayerOptions extends LayerOptions {
  /** The slope below 0; 0.3 by default. */
  readonly negativeSlope?: number;
}

/**
 * A rectifier that lets a part of negative numbers through.
 *
 * @param options The slope below 0
 * @throws {RangeError} If the slope is negative
 *
 * @example
 * ```ts
 * import { leakyReLU, sequential } from "@tapegrad/tapegrad/nn";
 *
 * console.log(sequential([leakyReLU({ negativeSlope: 0.5 })]).build([2]).predict([[-1, 2]]).value); // [[-0.5, 2]]
 * ```
 */
export const leakyReLU: LayerFactory<LeakyReLULayerOptions> = defineOneInputLayer(
  "leakyReLU",
  (options: LeakyReLULayerOptions) => {
    const read = readLayerOptions("leakyReLU", options, { negativeSlope: 0.3 });
    const negativeSlope = readNumber("a leakyReLU layer", "negativeSlope", read.negativeSlope, {
      min: 0,
      below: Infinity,
    });
    return (x: Variable) => x.leakyRelu({ negativeSlope });
  },
);

/** Options of {@linkcode prelu}. */
export interface PreluOptions extends LayerOptions {
  /** Axes along which elements have the same slope, counted from 1: axis 0 is the batch; none by default. */
  readonly sharedAxes?: number | readonly number[];
  /** `"zeros"` by default. */
  readonly alphaInitializer?: InitializerArgument;
  /** Added to the loss for the slopes. */
  readonly alphaRegularizer?: RegularizerArgument;
  /** Applied to the slopes after each update. */
  readonly alphaConstraint?: ConstraintArgument;
}

/**
 * A rectifier with slopes below 0 that are learnt, `alpha`, of the shape of one example.
 * Source: He et al., https://arxiv.org/abs/1502.01852
 *
 * @param options Axes that share slopes, initializer
 * @throws {RangeError} If an axis is the batch or not there
 *
 * @example
 * ```ts
 * import { prelu, sequential } from "@tapegrad/tapegrad/nn";
 *
 * const model = sequential([prelu({ sharedAxes: [1, 2] })]).build([8, 8, 3]);
 * console.log(model.parameters["prelu/alpha"]!.shape); // [1, 1, 3]
 * ```
 */
export const prelu: LayerFactory<PreluOptions> = defineOneInputLayer("prelu", (options: PreluOptions) => {
  const read = readLayerOptions("prelu", options, {
    sharedAxes: [],
    alphaInitializer: "zeros",
    alphaRegularizer: undefined,
    alphaConstraint: undefined,
  });
  const shared = readIntegers("a prelu layer", "sharedAxes", read.sharedAxes, 1);
  const alpha = readWeight(read.alphaInitializer, read.alphaRegularizer, read.alphaConstraint);
  return (x: Variable, c: Context) => {
    shared.forEach((axis) => readAxis("a prelu layer", axis, x.rank));
    const shape = x.shape.map((length, axis) => shared.includes(axis) ? 1 : length).slice(1);
    return x.prelu(alpha(c, "alpha", shape));
  };
});

/** Options of {@linkcode elu}. */
export interface EluLayerOptions extends LayerOptions {
  /** What negative numbers go to, negated; 1 by default. */
  readonly alpha?: number;
}

/**
 * x where it is positive, else `alpha (exp(x) - 1)`. Source: Clevert et al., https://arxiv.org/abs/1511.07289
 *
 * @param options alpha
 * @throws {RangeError} If alpha is negative
 *
 * @example
 * ```ts
 * import { elu, sequential } from "@tapegrad/tapegrad/nn";
 *
 * console.log(sequential([elu()]).build([2]).predict([[0, 2]]).value); // [[0, 2]]
 * ```
 */
export const elu: LayerFactory<EluLayerOptions> = defineOneInputLayer("elu", (options: EluLayerOptions) => {
  const read = readLayerOptions("elu", options, { alpha: 1 });
  const alpha = readNumber("an elu layer", "alpha", read.alpha, { min: 0, below: Infinity });
  return (x: Variable) => x.elu({ alpha });
});

/** Options of {@linkcode softmax}. */
export interface SoftmaxLayerOptions extends LayerOptions {
  /** The axis of the batch `[batch, ...]` along which numbers add up to 1; the last by default. */
  readonly axis?: number;
}

/**
 * Numbers that are positive and add up to 1 along an axis.
 *
 * @param options The axis
 *
 * @example
 * ```ts
 * import { sequential, softmax } from "@tapegrad/tapegrad/nn";
 *
 * console.log(sequential([softmax()]).build([2]).predict([[3, 3]]).value); // [[0.5, 0.5]]
 * ```
 */
export const softmax: LayerFactory<SoftmaxLayerOptions> = defineOneInputLayer(
  "softmax",
  (options: SoftmaxLayerOptions) => {
    const { axis } = readLayerOptions("softmax", options, { axis: -1 });
    return (x: Variable) => {
      const [along] = readFeatureAxes("softmax", axis, x.rank);
      const result = x.softmax({ axis: along });
      return along === x.rank - 1 ? noteLogits(result, "softmax", x) : result;
    };
  },
);
