import { message } from "../../_internal/message.ts";
import { conv1dTranspose as spreadSequences, conv2dTranspose as spreadImages } from "../../functions/mod.ts";
import type { Pair, Variable } from "../../variable/mod.ts";
import type { Context } from "../core/context.ts";
import type { LayerFactory } from "../core/layer.ts";
import { defineOneInputLayer } from "./_one_input.ts";
import {
  cannotMake,
  checkRank,
  PADDINGS,
  readCount,
  readCounts,
  readLayerOptions,
  readName,
} from "./_options.ts";
import { KERNEL, type KernelOptions, readFinish, readKernel } from "./_weights.ts";

/** Options of {@linkcode conv1dTranspose}. */
export interface Conv1dTransposeLayerOptions extends KernelOptions {
  /** The number of channels of the result. */
  readonly filters: number;
  /** The length of the filters. */
  readonly kernelSize: number;
  /** Distances at which the filters are put; 1 by default. */
  readonly strides?: number;
  /** `"valid"` (the default), or `"same"`: the length is multiplied by the strides. */
  readonly padding?: "valid" | "same";
  /** Steps added at the end, below the strides; by default the length follows from padding alone. */
  readonly outputPadding?: number;
  /** Distances between the cells of a filter; 1 by default. */
  readonly dilationRate?: number;
}

/** Options of {@linkcode conv2dTranspose}. */
export interface Conv2dTransposeLayerOptions extends KernelOptions {
  /** The number of channels of the result. */
  readonly filters: number;
  /** Height and width of the filters, one number for both. */
  readonly kernelSize: Pair;
  /** Distances at which the filters are put, along height and width; 1 by default. */
  readonly strides?: Pair;
  /** `"valid"` (the default), or `"same"`: height and width are multiplied by the strides. */
  readonly padding?: "valid" | "same";
  /** Rows and columns added at the end, below the strides; by default the size follows from padding alone. */
  readonly outputPadding?: Pair;
  /** Distances between the cells of a filter; 1 by default. */
  readonly dilationRate?: Pair;
}

const TRANSPOSED = {
  ...KERNEL,
  filters: undefined,
  kernelSize: undefined,
  strides: 1,
  padding: "valid",
  outputPadding: undefined,
  dilationRate: 1,
} as const;

/**
 * A transposed convolution of sequences, with a kernel `[kernelSize, filters, channels]` and a bias `[filters]`.
 *
 * @param options The number and size of filters, strides, padding, activation, initializers
 * @throws {RangeError} If a size is not an integer from 1 up, or a name is unknown
 *
 * @example
 * ```ts
 * import { conv1dTranspose, input } from "@tapegrad/tapegrad/nn";
 *
 * const layer = conv1dTranspose({ filters: 4, kernelSize: 3, strides: 2, padding: "same" });
 * console.log(layer.apply(input({ shape: [5, 2] })).shape); // [10, 4]
 * ```
 */
export const conv1dTranspose: LayerFactory<Conv1dTransposeLayerOptions> = defineOneInputLayer(
  "conv1dTranspose",
  (options: Conv1dTransposeLayerOptions) => {
    const kind = "conv1dTranspose";
    const read = readLayerOptions(kind, options, TRANSPOSED);
    const filters = readCount(kind, "filters", read.filters);
    const along = readAxis(kind, readName(kind, "padding", read.padding, PADDINGS), {
      size: readCount(kind, "kernelSize", read.kernelSize),
      stride: readCount(kind, "strides", read.strides),
      dilation: readCount(kind, "dilationRate", read.dilationRate),
      extra: read.outputPadding === undefined ? undefined : readCount(
        kind,
        "outputPadding",
        read.outputPadding,
        0,
      ),
    });
    const kernel = readKernel(read);
    const finish = readFinish(read);
    return (x: Variable, c: Context) => {
      checkRank(kind, x.shape, 3, "[steps, channels]");
      const weights = kernel(c, "kernel", [along.size, filters, x.shape[2] ?? 0]);
      return finish(
        c,
        spreadSequences(x, weights, {
          strides: along.stride,
          dilations: along.dilation,
          padding: along.padding,
          outputPadding: along.outputPadding,
        }),
      );
    };
  },
);

/**
 * A transposed convolution of images, with a kernel `[height, width, filters, channels]` and a bias `[filters]`.
 *
 * @param options The number and size of filters, strides, padding, activation, initializers
 * @throws {RangeError} If a size is not an integer from 1 up, or a name is unknown
 *
 * @example
 * ```ts
 * import { conv2dTranspose, input } from "@tapegrad/tapegrad/nn";
 *
 * const layer = conv2dTranspose({ filters: 4, kernelSize: 3, strides: 2, padding: "same" });
 * console.log(layer.apply(input({ shape: [5, 5, 2] })).shape); // [10, 10, 4]
 * ```
 */
export const conv2dTranspose: LayerFactory<Conv2dTransposeLayerOptions> = defineOneInputLayer(
  "conv2dTranspose",
  (options: Conv2dTransposeLayerOptions) => {
    const kind = "conv2dTranspose";
    const read = readLayerOptions(kind, options, TRANSPOSED);
    const filters = readCount(kind, "filters", read.filters);
    const rule = readName(kind, "padding", read.padding, PADDINGS);
    const sizes = readCounts(kind, "kernelSize", read.kernelSize);
    const strides = readCounts(kind, "strides", read.strides);
    const dilations = readCounts(kind, "dilationRate", read.dilationRate);
    const extras = read.outputPadding === undefined
      ? undefined
      : readCounts(kind, "outputPadding", read.outputPadding, 0);
    const axis = (i: 0 | 1): Axis =>
      readAxis(kind, rule, {
        size: sizes[i],
        stride: strides[i],
        dilation: dilations[i],
        extra: extras?.[i],
      });
    const [rows, columns] = [axis(0), axis(1)];
    const kernel = readKernel(read);
    const finish = readFinish(read);
    return (x: Variable, c: Context) => {
      checkRank(kind, x.shape, 4, "[height, width, channels]");
      const weights = kernel(c, "kernel", [...sizes, filters, x.shape[3] ?? 0]);
      return finish(
        c,
        spreadImages(x, weights, {
          strides,
          dilations,
          padding: [rows.padding, columns.padding],
          outputPadding: [rows.outputPadding, columns.outputPadding],
        }),
      );
    };
  },
);

/** How a filter is spread along an axis. */
interface Axis {
  readonly size: number;
  readonly stride: number;
  readonly dilation: number;
  readonly padding: readonly [before: number, after: number];
  readonly outputPadding: number;
}

/**
 * Padding as Keras defines it. Without `extra` the result has `length * stride` elements, for `"valid"` at least as
 * many as the last filter reaches; with it `(length - 1) * stride + reach + extra` for `"valid"`, and without the
 * reach but for its last bit for `"same"`. What is cut off is shared evenly by both ends.
 */
function readAxis(
  kind: string,
  rule: "valid" | "same",
  along: { size: number; stride: number; dilation: number; extra: number | undefined },
): Axis {
  const { size, stride, dilation, extra } = along;
  if (extra !== undefined && extra > 0 && extra >= stride) {
    throw cannotMake(kind, message`outputPadding is ${extra}, use less than the strides, ${stride}`);
  }
  const reach = (size - 1) * dilation + 1;
  if (rule === "valid") {
    const added = extra ?? Math.max(0, stride - reach);
    return { size, stride, dilation, padding: [0, 0], outputPadding: added };
  }
  // Zeros around the spread-out input, over which the turned filter moves.
  const zeros = extra === undefined ? stride + reach - 2 : reach + reach % 2 - 2 + extra;
  const before = stride > reach - 1 ? reach - 1 : Math.ceil(zeros / 2);
  const after = zeros - before;
  return {
    size,
    stride,
    dilation,
    padding: [reach - 1 - before, Math.max(0, reach - 1 - after)],
    outputPadding: Math.max(0, after - (reach - 1)),
  };
}
