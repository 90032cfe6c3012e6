import { message } from "../../_internal/message.ts";
import { conv1d as convolveSequences, conv2d as convolveImages } from "../../functions/mod.ts";
import type { Pair, Variable } from "../../variable/mod.ts";
import type { Context } from "../core/context.ts";
import type { LayerFactory } from "../core/layer.ts";
import { defineOneInputLayer } from "./_one_input.ts";
import { checkRank, PADDINGS, readCount, readCounts, readLayerOptions, readName } from "./_options.ts";
import { KERNEL, type KernelOptions, readFinish, readKernel } from "./_weights.ts";

/** The options of both convolutions, and what they are by default. */
const DEFAULTS = {
  ...KERNEL,
  filters: undefined,
  kernelSize: undefined,
  strides: 1,
  padding: "valid",
  dilationRate: 1,
  groups: 1,
} as const;

/** Options of {@linkcode conv1d}. */
export interface Conv1dLayerOptions extends KernelOptions {
  /** The number of filters: channels of the result. */
  readonly filters: number;
  /** The length of the filters. */
  readonly kernelSize: number;
  /** Steps between results; 1 by default. */
  readonly strides?: number;
  /** `"valid"` (no padding, the default), `"same"`, or `"causal"`: a result sees no later step. */
  readonly padding?: "valid" | "same" | "causal";
  /** Distances between the cells of a filter; 1 by default. */
  readonly dilationRate?: number;
  /** Groups of channels that do not see one another; 1 by default. */
  readonly groups?: number;
}

/**
 * A convolution of sequences, with a kernel `[kernelSize, channels / groups, filters]` and a bias `[filters]`.
 *
 * @param options The number and size of filters, strides, padding, activation, initializers
 * @throws {RangeError} If a size is not an integer from 1 up, or a name is unknown
 *
 * @example
 * ```ts
 * import { conv1d, input } from "@tapegrad/tapegrad/nn";
 *
 * const layer = conv1d({ filters: 4, kernelSize: 3, padding: "causal", dilationRate: 2 });
 * console.log(layer.apply(input({ shape: [10, 2] })).shape); // [10, 4]
 * ```
 */
export const conv1d: LayerFactory<Conv1dLayerOptions> = defineOneInputLayer(
  "conv1d",
  (options: Conv1dLayerOptions) => {
    const read = readLayerOptions("conv1d", options, DEFAULTS);
    const filters = readCount("conv1d", "filters", read.filters);
    const size = readCount("conv1d", "kernelSize", read.kernelSize);
    const dilations = readCount("conv1d", "dilationRate", read.dilationRate);
    const strides = readCount("conv1d", "strides", read.strides);
    const groups = readCount("conv1d", "groups", read.groups);
    const rule = readName("conv1d", "padding", read.padding, [...PADDINGS, "causal"]);
    const padding = rule === "causal" ? [(size - 1) * dilations, 0] as const : rule;
    const kernel = readKernel(read);
    const finish = readFinish(read);
    return (x: Variable, c: Context) => {
      checkRank("conv1d", x.shape, 3, "[steps, channels]");
      const channels = channelsOfGroup("conv1d", groups, filters, x.shape);
      const weights = kernel(c, "kernel", [size, channels, filters]);
      return finish(c, convolveSequences(x, weights, { strides, padding, dilations, groups }));
    };
  },
);

/** Options of {@linkcode conv2d}. */
export interface Conv2dLayerOptions extends KernelOptions {
  /** The number of filters: channels of the result. */
  readonly filters: number;
  /** Height and width of the filters, one number for both. */
  readonly kernelSize: Pair;
  /** Steps along height and width; 1 by default. */
  readonly strides?: Pair;
  /** `"valid"` (no padding, the default) or `"same"` (the image keeps its size over the strides). */
  readonly padding?: "valid" | "same";
  /** Distances between the cells of a filter; 1 by default. */
  readonly dilationRate?: Pair;
  /** Groups of channels that do not see one another; 1 by default. */
  readonly groups?: number;
}

/**
 * A convolution of images, with a kernel `[height, width, channels / groups, filters]` and a bias `[filters]`.
 *
 * @param options The number and size of filters, strides, padding, activation, initializers
 * @throws {RangeError} If a size is not an integer from 1 up, or a name is unknown
 *
 * @example
 * ```ts
 * import { conv2d, input } from "@tapegrad/tapegrad/nn";
 *
 * const layer = conv2d({ filters: 4, kernelSize: 3, padding: "same", activation: "relu" });
 * console.log(layer.apply(input({ shape: [8, 8, 1] })).shape); // [8, 8, 4]
 * ```
 */
export const conv2d: LayerFactory<Conv2dLayerOptions> = defineOneInputLayer(
  "conv2d",
  (options: Conv2dLayerOptions) => {
    const read = readLayerOptions("conv2d", options, DEFAULTS);
    const filters = readCount("conv2d", "filters", read.filters);
    const size = readCounts("conv2d", "kernelSize", read.kernelSize);
    const strides = readCounts("conv2d", "strides", read.strides);
    const dilations = readCounts("conv2d", "dilationRate", read.dilationRate);
    const groups = readCount("conv2d", "groups", read.groups);
    const padding = readName("conv2d", "padding", read.padding, PADDINGS);
    const kernel = readKernel(read);
    const finish = readFinish(read);
    return (x: Variable, c: Context) => {
      checkRank("conv2d", x.shape, 4, "[height, width, channels]");
      const channels = channelsOfGroup("conv2d", groups, filters, x.shape);
      const weights = kernel(c, "kernel", [...size, channels, filters]);
      return finish(c, convolveImages(x, weights, { strides, padding, dilations, groups }));
    };
  },
);

/**
 * How many channels each group has.
 *
 * @throws {RangeError} If groups do not divide channels and filters
 */
function channelsOfGroup(kind: string, groups: number, filters: number, shape: readonly number[]): number {
  const channels = shape.at(-1) ?? 0;
  if (channels % groups === 0 && filters % groups === 0) return channels / groups;
  throw new RangeError(
    message`Cannot make a ${kind} layer: ${groups} groups do not divide the ${channels} channels of examples of
    shape ${shape.slice(1)} and the ${filters} filters`,
  );
}
