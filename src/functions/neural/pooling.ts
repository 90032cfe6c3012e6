import { message } from "../../_internal/message.ts";
import { readInteger, readOptions } from "../../_internal/readers/mod.ts";
import { fullArray, NdArray } from "../../array/nd_array.ts";
import type { WindowGeometry } from "../../array/neural/convolution.ts";
import { checkLayout } from "../_operands.ts";
import { operation as op } from "../../primitives/mod.ts";
import { apply } from "../../variable/apply.ts";
import { toVariable } from "../../variable/operands.ts";
import type {
  AvgPool1dOptions,
  AvgPool2dOptions,
  MaxPool1dOptions,
  MaxPool2dOptions,
  Pair,
} from "../../variable/signatures/neural.ts";
import type { Operand, Variable } from "../../variable/variable.ts";
import {
  alongWidth,
  checkSequenceWindow,
  checkWindow,
  imagesOf,
  readPair,
  readWindow,
  sequencesOf,
} from "./_windows.ts";

const WINDOW = { strides: undefined, padding: "valid", dilations: 1 } as const;

/**
 * Largest element under a window that moves over images. Of equal elements the first has the whole
 * derivative; NaN wins over all. Padding takes no part.
 *
 * @param x `[batch, height, width, channels]`
 * @param window Height and width of the window, one number for both
 * @param options Strides, padding, dilations
 * @returns `[batch, outHeight, outWidth, channels]`, in the dtype of x
 * @throws {TypeError} If x has not four axes, or the window is larger than the padded image
 * @throws {RangeError} If an option is out of range, or a window holds nothing but padding
 *
 * @example
 * ```ts
 * import { maxPool2d, reshape } from "@tapegrad/tapegrad";
 *
 * const image = reshape([1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 4, 1]);
 * console.log(maxPool2d(image, 2).data); // Float64Array(2) [6, 8]
 * ```
 */
export function maxPool2d(x: Operand, window: Pair, options?: MaxPool2dOptions): Variable {
  const images = toVariable(x);
  const complete = readOptions("maxPool2d", options, WINDOW);
  const { size, geometry } = readPooling("maxPool2d", images, window, complete);
  countPixels("maxPool2d", images, size, geometry);
  const positions = apply(op.maxPoolIndices, [images], { ...geometry, window: size });
  return images.reshape([images.size]).gather(positions);
}

/**
 * Largest element under a window that moves over sequences; see {@linkcode maxPool2d}.
 *
 * @param x `[batch, length, channels]`
 * @param window Length of the window
 * @param options Strides, padding, dilations
 * @returns `[batch, outLength, channels]`, in the dtype of x
 * @throws {TypeError} If x has not three axes, or the window is longer than the padded sequence
 * @throws {RangeError} If an option is out of range, or a window holds nothing but padding
 *
 * @example
 * ```ts
 * import { maxPool1d, reshape } from "@tapegrad/tapegrad";
 *
 * const sequence = reshape([3, 1, 4, 1, 5], [1, 5, 1]);
 * console.log(maxPool1d(sequence, 3, { strides: 1 }).data); // Float64Array(3) [4, 4, 5]
 * ```
 */
export function maxPool1d(x: Operand, window: number, options?: MaxPool1dOptions): Variable {
  const sequences = toVariable(x);
  checkLayout("maxPool1d", sequences, "[batch, length, channels]");
  const complete = readOptions("maxPool1d", options, WINDOW);
  const wide = windowAlongWidth("maxPool1d", window, complete);
  checkSequenceWindow("maxPool1d", sequences, window, complete);
  return sequencesOf(maxPool2d(imagesOf(sequences), [1, window], wide));
}

/**
 * Mean of the elements under a window that moves over images.
 *
 * @param x `[batch, height, width, channels]`
 * @param window Height and width of the window, one number for both
 * @param options Strides, padding, dilations, and whether padding counts
 * @returns `[batch, outHeight, outWidth, channels]`, in the dtype of x
 * @throws {TypeError} If x has not four axes, or the window is larger than the padded image
 * @throws {RangeError} If an option is out of range, or a window holds nothing but padding
 *
 * @example
 * ```ts
 * import { avgPool2d, reshape } from "@tapegrad/tapegrad";
 *
 * const image = reshape([1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 4, 1]);
 * console.log(avgPool2d(image, 2).data); // Float64Array(2) [3.5, 5.5]
 * ```
 */
export function avgPool2d(x: Operand, window: Pair, options?: AvgPool2dOptions): Variable {
  const images = toVariable(x);
  const complete = readOptions("avgPool2d", options, { ...WINDOW, countIncludePadding: false });
  const { size, geometry } = readPooling("avgPool2d", images, window, complete);
  const channels = images.shape[3]!;
  const ones = fullArray([...size, 1, channels], 1, images.dtype);
  const sums = apply(op.conv2d, [images, ones], { ...geometry, groups: channels });
  const counts = countPixels("avgPool2d", images, size, geometry);
  return sums.div(complete.countIncludePadding || counts === undefined ? size[0] * size[1] : counts);
}

/**
 * Mean of the elements under a window that moves over sequences.
 *
 * @param x `[batch, length, channels]`
 * @param window Length of the window
 * @param options Strides, padding, dilations, and whether padding counts
 * @returns `[batch, outLength, channels]`, in the dtype of x
 * @throws {TypeError} If x has not three axes, or the window is longer than the padded sequence
 * @throws {RangeError} If an option is out of range, or a window holds nothing but padding
 *
 * @example
 * ```ts
 * import { avgPool1d, reshape } from "@tapegrad/tapegrad";
 *
 * console.log(avgPool1d(reshape([1, 2, 3, 4], [1, 4, 1]), 2).data); // Float64Array(2) [1.5, 3.5]
 * ```
 */
export function avgPool1d(x: Operand, window: number, options?: AvgPool1dOptions): Variable {
  const sequences = toVariable(x);
  checkLayout("avgPool1d", sequences, "[batch, length, channels]");
  const { countIncludePadding, ...rest } = readOptions("avgPool1d", options, {
    ...WINDOW,
    countIncludePadding: false,
  });
  const wide = { ...windowAlongWidth("avgPool1d", window, rest), countIncludePadding };
  checkSequenceWindow("avgPool1d", sequences, window, rest);
  return sequencesOf(avgPool2d(imagesOf(sequences), [1, window], wide));
}

/**
 * Mean over all pixels of each channel.
 *
 * @param x `[batch, ..., channels]`
 * @returns `[batch, channels]`, in the dtype of x
 * @throws {TypeError} If x has fewer than two axes
 *
 * @example
 * ```ts
 * import { globalAvgPool, reshape } from "@tapegrad/tapegrad";
 *
 * console.log(globalAvgPool(reshape([1, 2, 3, 6], [1, 2, 2, 1])).value); // [[3]]
 * ```
 */
export function globalAvgPool(x: Operand): Variable {
  const images = toVariable(x);
  return images.mean({ axis: pixelAxes("globalAvgPool", images) });
}

/**
 * Largest of all pixels of each channel; ties share the derivative evenly, as for `max`.
 *
 * @param x `[batch, ..., channels]`
 * @returns `[batch, channels]`, in the dtype of x
 * @throws {TypeError} If x has fewer than two axes, or there are no pixels
 *
 * @example
 * ```ts
 * import { globalMaxPool, reshape } from "@tapegrad/tapegrad";
 *
 * console.log(globalMaxPool(reshape([1, 2, 3, 6], [1, 2, 2, 1])).value); // [[6]]
 * ```
 */
export function globalMaxPool(x: Operand): Variable {
  const images = toVariable(x);
  return images.max({ axis: pixelAxes("globalMaxPool", images) });
}

function pixelAxes(operation: string, { shape, rank }: Variable): number[] {
  if (rank >= 2) return shape.map((_, i) => i).slice(1, -1);
  throw new TypeError(
    message`Cannot apply ${operation}: the operand has shape ${shape}, expected [batch,
    ..., channels]`,
  );
}

/** Windows of sequences stand side by side unless strides say otherwise. */
function windowAlongWidth(operation: string, window: number, options: MaxPool1dOptions): MaxPool2dOptions {
  const { strides = readInteger(operation, "the window", window, 1), padding = "valid", dilations = 1 } =
    options;
  return alongWidth(operation, { strides, padding, dilations });
}

function readPooling(
  operation: string,
  x: Variable,
  window: Pair,
  options: MaxPool2dOptions,
): { size: [number, number]; geometry: WindowGeometry } {
  checkLayout(operation, x, "[batch, height, width, channels]");
  const size = readPair(operation, "the window", window, 1);
  const geometry = readWindow(operation, [x.shape[1]!, x.shape[2]!], size, {
    ...options,
    strides: options.strides ?? size,
  });
  checkWindow(operation, x.shape, size, geometry);
  return { size, geometry };
}

/**
 * How many pixels lie under each window, `[outHeight, outWidth, 1]`; undefined without padding, where all
 * windows are full.
 *
 * @throws {RangeError} If a window holds none
 */
function countPixels(
  operation: string,
  { shape, dtype }: Variable,
  size: readonly [number, number],
  { strides, padding, dilations }: WindowGeometry,
): NdArray | undefined {
  if (padding.every((n) => n === 0)) return undefined;
  const [rows, columns] = [0, 1].map((axis) => {
    const length = shape[axis + 1]!;
    const [before, after] = [padding[2 * axis]!, padding[2 * axis + 1]!];
    const reach = (size[axis]! - 1) * dilations[axis]! + 1;
    const count = Math.max(0, Math.floor((length + before + after - reach) / strides[axis]!) + 1);
    return Array.from({ length: count }, (_, i) => {
      let inside = 0;
      for (let k = 0; k < size[axis]!; k++) {
        const at = i * strides[axis]! - before + k * dilations[axis]!;
        if (at >= 0 && at < length) inside++;
      }
      return inside;
    });
  }) as [number[], number[]];
  if ([...rows, ...columns].includes(0)) {
    throw new RangeError(
      message`Cannot apply ${operation}: with padding ${padding} (top, bottom, left,
      right) some window ${size} holds no pixel of shape ${shape}, pad less`,
    );
  }
  const counts = rows.flatMap((r) => columns.map((c) => r * c));
  const data = dtype === "float64" ? Float64Array.from(counts) : Float32Array.from(counts);
  return new NdArray(data, [rows.length, columns.length, 1]);
}
