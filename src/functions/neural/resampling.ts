import { message } from "../../_internal/message.ts";
import { readOptions, readShape } from "../../_internal/readers/mod.ts";
import { NdArray } from "../../array/nd_array.ts";
import { checkLayout } from "../_operands.ts";
import { concat } from "../shapes/joining.ts";
import { toVariable } from "../../variable/operands.ts";
import type { MaxPool2dOptions, Pair, ResizeOptions } from "../../variable/signatures/neural.ts";
import type { Operand, Variable } from "../../variable/variable.ts";
import { checkWindow, readPair, readWindow } from "./_windows.ts";

/**
 * Enlarges or shrinks images by linear interpolation between the four nearest pixels. Shrinking does not
 * average over what it skips; see {@linkcode adaptiveAvgPool2d}.
 *
 * @param x `[batch, height, width, channels]`
 * @param size New height and width
 * @param options `alignCorners`, false by default (as PyTorch and `halfPixelCenters` of TensorFlow)
 * @returns `[batch, ...size, channels]`, in the dtype of x
 * @throws {TypeError} If x has not four axes, or has no pixels
 * @throws {RangeError} If a length is not an integer from 1 up
 *
 * @example
 * ```ts
 * import { reshape, resizeBilinear } from "@tapegrad/tapegrad";
 *
 * const row = reshape([0, 4], [1, 1, 2, 1]);
 * console.log(resizeBilinear(row, [1, 4]).data); // Float64Array(4) [0, 1, 3, 4]
 * ```
 */
export function resizeBilinear(
  x: Operand,
  size: readonly [height: number, width: number],
  options?: ResizeOptions,
): Variable {
  const { alignCorners } = readOptions("resizeBilinear", options, { alignCorners: false });
  return mixPixels("resizeBilinear", x, size, (length, count) => (i, weights) => {
    const scale = alignCorners ? (count > 1 ? (length - 1) / (count - 1) : 0) : length / count;
    const at = Math.max(0, alignCorners ? i * scale : (i + 0.5) * scale - 0.5);
    const low = Math.min(Math.floor(at), length - 1);
    const high = Math.min(low + 1, length - 1);
    weights[low]! += 1 - (at - low);
    weights[high]! += at - low;
  });
}

/**
 * Means over as many nearly equal parts of images as are asked for: part i of n goes from `floor(i height / n)`
 * to `ceil((i + 1) height / n)`, as in PyTorch.
 *
 * @param x `[batch, height, width, channels]`
 * @param size Height and width of the result
 * @returns `[batch, ...size, channels]`, in the dtype of x
 * @throws {TypeError} If x has not four axes, or has no pixels
 * @throws {RangeError} If a length is not an integer from 1 up
 *
 * @example
 * ```ts
 * import { adaptiveAvgPool2d, reshape } from "@tapegrad/tapegrad";
 *
 * const row = reshape([1, 2, 3, 4, 5], [1, 1, 5, 1]);
 * console.log(adaptiveAvgPool2d(row, [1, 2]).data); // Float64Array(2) [2, 4]
 * ```
 */
export function adaptiveAvgPool2d(x: Operand, size: readonly [height: number, width: number]): Variable {
  const startOf = (i: number, length: number, count: number): number => Math.floor(i * length / count);
  const endOf = (i: number, length: number, count: number): number => Math.ceil((i + 1) * length / count);
  const sums = mixPixels("adaptiveAvgPool2d", x, size, (length, count) => (i, weights) => {
    weights.fill(1, startOf(i, length, count), endOf(i, length, count));
  });
  const [, height, width] = toVariable(x).shape as [number, number, number];
  const [rows, columns] = [height, width].map((length, axis) =>
    Array.from(
      { length: size[axis]! },
      (_, i) => endOf(i, length, size[axis]!) - startOf(i, length, size[axis]!),
    )
  ) as [number[], number[]];
  return sums.div(rows.map((r) => columns.map((c) => [r * c])));
}

/**
 * The pixels under each position of a window, side by side: convolution is their product with the filters
 * `[height * width * channels, outChannels]`.
 *
 * @param x `[batch, height, width, channels]`
 * @param window Height and width of the window, one number for both
 * @param options Strides (1 by default), padding, dilations
 * @returns `[batch, outHeight, outWidth, window height * window width * channels]`, in the dtype of x
 * @throws {TypeError} If x has not four axes, or the window is larger than the padded image
 * @throws {RangeError} If an option is out of range
 *
 * @example
 * ```ts
 * import { extractPatches, reshape } from "@tapegrad/tapegrad";
 *
 * const image = reshape([1, 2, 3, 4, 5, 6], [1, 2, 3, 1]);
 * console.log(extractPatches(image, 2).value); // [[[[1, 2, 4, 5], [2, 3, 5, 6]]]]
 * ```
 */
export function extractPatches(x: Operand, window: Pair, options?: MaxPool2dOptions): Variable {
  const name = "extractPatches";
  const complete = readOptions(name, options, { strides: 1, padding: "valid", dilations: 1 });
  const images = toVariable(x);
  checkLayout(name, images, "[batch, height, width, channels]");
  const [batch, height, width, channels] = images.shape as [number, number, number, number];
  const size = readPair(name, "the window", window, 1);
  const { strides, padding, dilations } = readWindow(name, [height, width], size, complete);
  checkWindow(name, images.shape, size, { strides, padding, dilations });
  const [rows, columns] = [0, 1].map((axis) => {
    const reach = (size[axis]! - 1) * dilations[axis]! + 1;
    const padded = [height, width][axis]! + padding[2 * axis]! + padding[2 * axis + 1]!;
    return Math.floor((padded - reach) / strides[axis]!) + 1;
  }) as [number, number];
  const shape = readShape(name, [batch, rows, columns, size[0] * size[1] * channels]);
  // Cells outside of the image read a pixel of zeros behind the last.
  const pixels = new Float64Array(rows * columns * size[0] * size[1]);
  let at = 0;
  for (let oy = 0; oy < rows; oy++) {
    for (let ox = 0; ox < columns; ox++) {
      for (let ky = 0; ky < size[0]; ky++) {
        const y = oy * strides[0] - padding[0] + ky * dilations[0];
        for (let kx = 0; kx < size[1]; kx++) {
          const x = ox * strides[1] - padding[2] + kx * dilations[1];
          const inside = y >= 0 && y < height && x >= 0 && x < width;
          pixels[at++] = inside ? y * width + x : height * width;
        }
      }
    }
  }
  const zero = new NdArray(new Float64Array(batch * channels), [batch, 1, channels]).cast(images.dtype);
  const flat = images.reshape([batch, height * width, channels]);
  return concat([flat, zero], { axis: 1 }).gather(pixels, { axis: 1 }).reshape(shape);
}

/** Fills the weights of all pixels of an axis in pixel i of the result. */
type Weights = (length: number, count: number) => (i: number, weights: Float64Array) => void;

/** Linear mixing of rows and of columns: a matrix for each, `H x W'`. */
function mixPixels(operation: string, x: Operand, size: readonly [number, number], mix: Weights): Variable {
  const images = toVariable(x);
  checkLayout(operation, images, "[batch, height, width, channels]");
  const [rows, columns] = readPair(operation, "the size", size, 1);
  const [batch, height, width, channels] = images.shape as [number, number, number, number];
  if (height === 0 || width === 0) {
    throw new TypeError(
      message`Cannot apply ${operation}: the image of shape ${images.shape} is empty`,
    );
  }
  readShape(operation, [batch, rows, columns, channels]);
  const matrix = (length: number, count: number): NdArray => {
    readShape(operation, [count, length]);
    const data = new Float64Array(count * length);
    const fill = mix(length, count);
    for (let i = 0; i < count; i++) fill(i, data.subarray(i * length, (i + 1) * length));
    return new NdArray(data, [count, length]).cast(images.dtype);
  };
  const down = toVariable(matrix(height, rows)).matmul(images.reshape([batch, height, width * channels]));
  const across = toVariable(matrix(width, columns)).matmul(down.reshape([batch * rows, width, channels]));
  return across.reshape([batch, rows, columns, channels]);
}
