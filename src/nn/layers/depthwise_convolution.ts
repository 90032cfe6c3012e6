import { conv2d as convolve } from "../../functions/mod.ts";
import type { Pair, Variable } from "../../variable/mod.ts";
import type { ConstraintArgument } from "../constraints.ts";
import type { Context } from "../core/context.ts";
import type { LayerFactory } from "../core/layer.ts";
import { defineOneInputLayer } from "./_one_input.ts";
import type { InitializerArgument } from "../initializers.ts";
import type { RegularizerArgument } from "../regularizers.ts";
import { checkRank, PADDINGS, readCount, readCounts, readLayerOptions, readName } from "./_options.ts";
import { BIAS, type BiasOptions, readFinish, readWeight, type Weight } from "./_weights.ts";

/** Options of {@linkcode depthwiseConv2d}. */
export interface DepthwiseConv2dOptions extends BiasOptions {
  /** Height and width of the filters, one number for both. */
  readonly kernelSize: Pair;
  /** Steps along height and width; 1 by default. */
  readonly strides?: Pair;
  /** `"valid"` (no padding, the default) or `"same"` (the image keeps its size over the strides). */
  readonly padding?: "valid" | "same";
  /** Distances between the cells of a filter; 1 by default. */
  readonly dilationRate?: Pair;
  /** The number of filters of each channel; 1 by default. */
  readonly depthMultiplier?: number;
  /** `"glorotUniform"` by default. */
  readonly depthwiseInitializer?: InitializerArgument;
  /** Added to the loss for the kernel. */
  readonly depthwiseRegularizer?: RegularizerArgument;
  /** Applied to the kernel after each update. */
  readonly depthwiseConstraint?: ConstraintArgument;
}

const DEPTHWISE = {
  ...BIAS,
  kernelSize: undefined,
  strides: 1,
  padding: "valid",
  dilationRate: 1,
  depthMultiplier: 1,
  depthwiseInitializer: "glorotUniform",
  depthwiseRegularizer: undefined,
  depthwiseConstraint: undefined,
} as const;

/**
 * A convolution of each channel of images by filters of its own, with a kernel
 * `[height, width, channels, depthMultiplier]` and a bias `[channels * depthMultiplier]`.
 *
 * @param options The size of filters, how many a channel has, strides, padding, activation, initializers
 * @throws {RangeError} If a size is not an integer from 1 up, or a name is unknown
 *
 * @example
 * ```ts
 * import { depthwiseConv2d, input } from "@tapegrad/tapegrad/nn";
 *
 * const layer = depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2 });
 * console.log(layer.apply(input({ shape: [8, 8, 3] })).shape); // [6, 6, 6]
 * ```
 */
export const depthwiseConv2d: LayerFactory<DepthwiseConv2dOptions> = defineOneInputLayer(
  "depthwiseConv2d",
  (options: DepthwiseConv2dOptions) => {
    const read = readLayerOptions("depthwiseConv2d", options, DEPTHWISE);
    const convolveEach = readDepthwise("depthwiseConv2d", "kernel", read);
    const finish = readFinish(read);
    return (x: Variable, c: Context) => finish(c, convolveEach(c, x));
  },
);

/** Options of {@linkcode separableConv2d}. */
export interface SeparableConv2dOptions extends DepthwiseConv2dOptions {
  /** The number of channels of the result. */
  readonly filters: number;
  /** `"glorotUniform"` by default. */
  readonly pointwiseInitializer?: InitializerArgument;
  /** Added to the loss for the second kernel. */
  readonly pointwiseRegularizer?: RegularizerArgument;
  /** Applied to the second kernel after each update. */
  readonly pointwiseConstraint?: ConstraintArgument;
}

/**
 * A convolution of each channel by itself and then one across channels: with kernels
 * `depthwiseKernel` `[height, width, channels, depthMultiplier]`, `pointwiseKernel`
 * `[1, 1, channels * depthMultiplier, filters]` and a bias `[filters]`.
 * Source: Chollet, https://arxiv.org/abs/1610.02357
 *
 * @param options The number and size of filters, strides, padding, activation, initializers
 * @throws {RangeError} If a size is not an integer from 1 up, or a name is unknown
 *
 * @example
 * ```ts
 * import { input, separableConv2d } from "@tapegrad/tapegrad/nn";
 *
 * const layer = separableConv2d({ filters: 4, kernelSize: 3 });
 * console.log(layer.apply(input({ shape: [8, 8, 3] })).shape); // [6, 6, 4]
 * ```
 */
export const separableConv2d: LayerFactory<SeparableConv2dOptions> = defineOneInputLayer(
  "separableConv2d",
  (options: SeparableConv2dOptions) => {
    const read = readLayerOptions("separableConv2d", options, {
      ...DEPTHWISE,
      filters: undefined,
      pointwiseInitializer: "glorotUniform",
      pointwiseRegularizer: undefined,
      pointwiseConstraint: undefined,
    });
    const filters = readCount("separableConv2d", "filters", read.filters);
    const convolveEach = readDepthwise("separableConv2d", "depthwiseKernel", read);
    const pointwise = readWeight(
      read.pointwiseInitializer,
      read.pointwiseRegularizer,
      read.pointwiseConstraint,
    );
    const finish = readFinish(read);
    return (x: Variable, c: Context) => {
      const each = convolveEach(c, x);
      return finish(
        c,
        convolve(each, pointwise(c, "pointwiseKernel", [1, 1, each.shape[3] ?? 0, filters])),
      );
    };
  },
);

interface ReadDepthwise {
  readonly kernelSize: Pair;
  readonly strides: Pair;
  readonly padding: "valid" | "same";
  readonly dilationRate: Pair;
  readonly depthMultiplier: number;
  readonly depthwiseInitializer: InitializerArgument;
  readonly depthwiseRegularizer: RegularizerArgument | undefined;
  readonly depthwiseConstraint: ConstraintArgument | undefined;
}

/** Reads the part that convolves each channel by itself. */
function readDepthwise(
  kind: string,
  name: string,
  read: ReadDepthwise,
): (c: Context, x: Variable) => Variable {
  const size = readCounts(kind, "kernelSize", read.kernelSize);
  const strides = readCounts(kind, "strides", read.strides);
  const dilations = readCounts(kind, "dilationRate", read.dilationRate);
  const multiplier = readCount(kind, "depthMultiplier", read.depthMultiplier);
  const padding = readName(kind, "padding", read.padding, PADDINGS);
  const kernel: Weight = readWeight(
    read.depthwiseInitializer,
    read.depthwiseRegularizer,
    read.depthwiseConstraint,
  );
  return (c, x) => {
    checkRank(kind, x.shape, 4, "[height, width, channels]");
    const groups = x.shape[3] ?? 0;
    const filters = kernel(c, name, [...size, groups, multiplier]).reshape([...size, 1, groups * multiplier]);
    return convolve(x, filters, { strides, padding, dilations, groups });
  };
}
