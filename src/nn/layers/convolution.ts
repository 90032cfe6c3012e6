import { message } from "../../_internal/message.ts";
import { conv2d as convolve } from "../../functions/mod.ts";
import type { Pair, Variable } from "../../variable/mod.ts";
import { type ActivationArgument, activationOf } from "../activations.ts";
import type { ConstraintArgument } from "../constraints.ts";
import type { Context } from "../core/context.ts";
import { defineLayer, type LayerFactory, type LayerOptions } from "../core/layer.ts";
import type { InitializerArgument } from "../initializers.ts";
import type { RegularizerArgument } from "../regularizers.ts";
import { checkRank, readCount, readLayerOptions } from "./_options.ts";
import { readWeight } from "./core.ts";

/** What convolutions have beside the sizes of their filters. */
export interface FilterOptions extends LayerOptions {
  /** `"linear"` by default. */
  readonly activation?: ActivationArgument;
  /** Whether a bias is added; true by default. */
  readonly useBias?: boolean;
  /** `"glorotUniform"` by default. */
  readonly kernelInitializer?: InitializerArgument;
  /** `"zeros"` by default. */
  readonly biasInitializer?: InitializerArgument;
  /** Added to the loss for the kernel. */
  readonly kernelRegularizer?: RegularizerArgument;
  /** Added to the loss for the bias. */
  readonly biasRegularizer?: RegularizerArgument;
  /** Applied to the kernel after each update. */
  readonly kernelConstraint?: ConstraintArgument;
  /** Applied to the bias after each update. */
  readonly biasConstraint?: ConstraintArgument;
}

/** The defaults of {@linkcode FilterOptions}. */
export const FILTERS = {
  activation: "linear",
  useBias: true,
  kernelInitializer: "glorotUniform",
  biasInitializer: "zeros",
  kernelRegularizer: undefined,
  biasRegularizer: undefined,
  kernelConstraint: undefined,
  biasConstraint: undefined,
} as const;

/** Options of {@linkcode conv2d}. */
export interface Conv2dLayerOptions extends FilterOptions {
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
 * @throws {RangeError} If filters is not an integer from 1 up, or a name is unknown
 *
 * @example
 * ```ts
 * import { conv2d, input } from "@tapegrad/tapegrad/nn";
 *
 * const layer = conv2d({ filters: 4, kernelSize: 3, padding: "same", activation: "relu" });
 * console.log(layer.apply(input({ shape: [8, 8, 1] })).shape); // [8, 8, 4]
 * ```
 */
export const conv2d: LayerFactory<Conv2dLayerOptions> = defineLayer(
  "conv2d",
  (options: Conv2dLayerOptions) => {
    const read = readLayerOptions("conv2d", options, {
      ...FILTERS,
      filters: undefined,
      kernelSize: undefined,
      strides: 1,
      padding: "valid",
      dilationRate: 1,
      groups: 1,
    });
    const filters = readCount("conv2d", "filters", read.filters);
    const groups = readCount("conv2d", "groups", read.groups);
    const activate = activationOf(read.activation);
    const kernel = readWeight(read.kernelInitializer, read.kernelRegularizer, read.kernelConstraint);
    const bias = readWeight(read.biasInitializer, read.biasRegularizer, read.biasConstraint);
    const size = typeof read.kernelSize === "number" ? [read.kernelSize, read.kernelSize] : read.kernelSize;
    const { strides, padding, dilationRate } = read;
    return (x: Variable, c: Context) => {
      checkRank("conv2d", x.shape, 4, "[height, width, channels]");
      const channels = x.shape[3] ?? 0;
      checkGroups("conv2d", groups, channels, x.shape);
      const result = convolve(x, kernel(c, "kernel", [...size, channels / groups, filters]), {
        strides,
        padding,
        dilations: dilationRate,
        groups,
      });
      return activate(read.useBias ? result.add(bias(c, "bias", [filters])) : result);
    };
  },
);

/**
 * Checks that groups divide the channels.
 *
 * @throws {RangeError} If they do not
 */
export function checkGroups(kind: string, groups: number, channels: number, shape: readonly number[]): void {
  if (channels % groups === 0) return;
  throw new RangeError(
    message`Cannot make a ${kind} layer: ${groups} groups do not divide the ${channels} channels of examples of
    shape ${shape.slice(1)}`,
  );
}
