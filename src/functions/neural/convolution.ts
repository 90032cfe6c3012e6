import { message } from "../../_internal/message.ts";
import { checkSize, readInteger, readOptions } from "../../_internal/readers/mod.ts";
import { checkLayout } from "../_operands.ts";
import { operation as op } from "../../primitives/mod.ts";
import { apply } from "../../variable/apply.ts";
import { readOperands } from "../../variable/operands.ts";
import type {
  Conv1dOptions,
  Conv1dTransposeOptions,
  Conv2dOptions,
  Conv2dTransposeOptions,
} from "../../variable/signatures/neural.ts";
import type { Operand, Variable } from "../../variable/variable.ts";
import { alongWidth, checkSequenceWindow, imagesOf, readPair, readWindow, sequencesOf } from "./_windows.ts";

const CONVOLUTION = { strides: 1, padding: "valid", dilations: 1, groups: 1 } as const;

/**
 * Convolution of images with filters, as usual in this field without turning the filters (cross-correlation).
 * The gradients are convolutions too, and none of them builds more than a bounded part of the patches.
 *
 * @param x `[batch, height, width, channels]`; bring `[batch, channels, height, width]` into this order with
 * `transpose([0, 2, 3, 1])`
 * @param filters `[height, width, channels / groups, outChannels]`
 * @param options Strides, padding, dilations, groups
 * @returns `[batch, outHeight, outWidth, outChannels]`, in the wider dtype
 * @throws {TypeError} If the shapes do not fit, or the filter is larger than the padded image
 * @throws {RangeError} If an option is out of range
 *
 * @example
 * ```ts
 * import { conv2d, reshape } from "@tapegrad/tapegrad";
 *
 * const image = reshape([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 3, 3, 1]);
 * const filters = reshape([1, 0, 0, 1], [2, 2, 1, 1]);
 * console.log(conv2d(image, filters).reshape([2, 2]).value); // [[6, 8], [12, 14]]
 * ```
 */
export function conv2d(x: Operand, filters: Operand, options?: Conv2dOptions): Variable {
  const complete = readOptions("conv2d", options, CONVOLUTION);
  const [images, kernel] = readOperands(x, filters);
  checkLayout("conv2d", images, "[batch, height, width, channels]");
  checkLayout("conv2d to filters", kernel, "[height, width, channels / groups, outChannels]");
  const groups = readInteger("conv2d", "groups", complete.groups, 1);
  const [, height, width] = images.shape as [number, number, number];
  const window = [kernel.shape[0]!, kernel.shape[1]!] as const;
  const geometry = readWindow("conv2d", [height, width], window, complete);
  const [top, bottom, left, right] = geometry.padding;
  checkSize("conv2d", [images.shape[0]!, height + top + bottom, width + left + right, kernel.shape[3]!]);
  return apply(op.conv2d, [images, kernel], { ...geometry, groups });
}

/**
 * Convolution of sequences with filters; see {@linkcode conv2d}.
 *
 * @param x `[batch, length, channels]`
 * @param filters `[length, channels / groups, outChannels]`
 * @param options Strides, padding, dilations, groups
 * @returns `[batch, outLength, outChannels]`, in the wider dtype
 * @throws {TypeError} If the shapes do not fit, or the filter is longer than the padded sequence
 * @throws {RangeError} If an option is out of range
 *
 * @example
 * ```ts
 * import { conv1d, reshape } from "@tapegrad/tapegrad";
 *
 * const difference = reshape([-1, 1], [2, 1, 1]);
 * console.log(conv1d(reshape([1, 4, 9, 16], [1, 4, 1]), difference).data); // Float64Array(3) [3, 5, 7]
 * ```
 */
export function conv1d(x: Operand, filters: Operand, options?: Conv1dOptions): Variable {
  const complete = readOptions("conv1d", options, CONVOLUTION);
  const [sequences, kernel] = readOperands(x, filters);
  checkLayout("conv1d", sequences, "[batch, length, channels]");
  checkLayout("conv1d to filters", kernel, "[length, channels / groups, outChannels]");
  const wide = alongWidth("conv1d", complete);
  checkSequenceWindow("conv1d", sequences, kernel.shape[0]!, complete);
  return sequencesOf(conv2d(imagesOf(sequences), kernel.reshape([1, ...kernel.shape]), wide));
}

/**
 * Transposed convolution: the gradient of {@linkcode conv2d} by its image as an operation of its own. Every
 * pixel spreads the filter, `strides` apart, into the result. With `"same"` the result has the size
 * of the image times the strides, else `(size - 1) * stride - padding + (filter - 1) * dilation + 1 +
 * outputPadding`.
 *
 * @param x `[batch, height, width, channels]`
 * @param filters `[height, width, outChannels / groups, channels]`, as those of the conv2d that it transposes
 * @param options Strides, padding, output padding, dilations, groups
 * @returns `[batch, outHeight, outWidth, outChannels]`, in the wider dtype
 * @throws {TypeError} If the shapes do not fit
 * @throws {RangeError} If an option is out of range
 *
 * @example
 * ```ts
 * import { conv2dTranspose, reshape } from "@tapegrad/tapegrad";
 *
 * const image = reshape([1, 2], [1, 1, 2, 1]);
 * const spread = conv2dTranspose(image, reshape([1, 1], [1, 2, 1, 1]), { strides: [1, 2] });
 * console.log(spread.data); // Float64Array(4) [1, 1, 2, 2]
 * ```
 */
export function conv2dTranspose(
  x: Operand,
  filters: Operand,
  options?: Conv2dTransposeOptions,
): Variable {
  const name = "conv2dTranspose";
  const complete = readOptions(name, options, { ...CONVOLUTION, outputPadding: 0 });
  const { padding } = complete;
  const [images, kernel] = readOperands(x, filters);
  checkLayout(name, images, "[batch, height, width, channels]");
  checkLayout(`${name} to filters`, kernel, "[height, width, outChannels / groups, channels]");
  const groups = readInteger(name, "groups", complete.groups, 1);
  const extra = readPair(name, "outputPadding", complete.outputPadding, 0);
  const [height, width, , channels] = kernel.shape as [number, number, number, number];
  const strides = readPair(name, "strides", complete.strides, 1);
  if (channels !== images.shape[3] || channels % groups > 0) {
    throw new TypeError(
      message`Cannot apply ${name}: images of shape ${images.shape} and filters of shape
      ${kernel.shape} in ${groups} groups do not fit, expected [height, width, outChannels / groups,
      channels]`,
    );
  }
  if (extra.some((n, axis) => n >= strides[axis]! && n > 0)) {
    throw new RangeError(
      message`Cannot apply ${name}: outputPadding ${extra} must be smaller than the
      strides ${strides}`,
    );
  }
  const same = [images.shape[1]! * strides[0], images.shape[2]! * strides[1]] as const;
  const geometry = readWindow(name, same, [height, width], complete);
  const [top, bottom, left, right] = geometry.padding;
  const lengthOf = (count: number, axis: 0 | 1, window: number, pad: number): number =>
    (count - 1) * strides[axis] - pad + (window - 1) * geometry.dilations[axis] + 1 + extra[axis];
  const size: readonly [number, number] = padding === "same" ? [same[0] + extra[0], same[1] + extra[1]] : [
    lengthOf(images.shape[1]!, 0, height, top + bottom),
    lengthOf(images.shape[2]!, 1, width, left + right),
  ];
  if (size.some((length) => length < 0)) {
    throw new TypeError(
      message`Cannot apply ${name}: padding ${geometry.padding} (top, bottom, left, right)
      is more than the filters of shape ${kernel.shape} spread from images of shape ${images.shape}`,
    );
  }
  checkSize(name, [images.shape[0]!, ...size, kernel.shape[2]! * groups]);
  return apply(op.convInputGradient, [images, kernel], { ...geometry, groups, size });
}

/**
 * Transposed convolution of sequences; see {@linkcode conv2dTranspose}.
 *
 * @param x `[batch, length, channels]`
 * @param filters `[length, outChannels / groups, channels]`
 * @param options Strides, padding, output padding, dilations, groups
 * @returns `[batch, outLength, outChannels]`, in the wider dtype
 * @throws {TypeError} If the shapes do not fit
 * @throws {RangeError} If an option is out of range
 *
 * @example
 * ```ts
 * import { conv1dTranspose, reshape } from "@tapegrad/tapegrad";
 *
 * const filters = reshape([1, 2, 1], [3, 1, 1]);
 * console.log(conv1dTranspose(reshape([1, 1], [1, 2, 1]), filters).data); // Float64Array(4) [1, 3, 3, 1]
 * ```
 */
export function conv1dTranspose(
  x: Operand,
  filters: Operand,
  options?: Conv1dTransposeOptions,
): Variable {
  const name = "conv1dTranspose";
  const { outputPadding, ...rest } = readOptions(name, options, { ...CONVOLUTION, outputPadding: 0 });
  const [sequences, kernel] = readOperands(x, filters);
  checkLayout(name, sequences, "[batch, length, channels]");
  checkLayout(`${name} to filters`, kernel, "[length, outChannels / groups, channels]");
  return sequencesOf(conv2dTranspose(imagesOf(sequences), kernel.reshape([1, ...kernel.shape]), {
    ...alongWidth(name, rest),
    outputPadding: [0, readInteger(name, "outputPadding", outputPadding, 0)],
  }));
}
