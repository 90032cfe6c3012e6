/** Max pooling, which is finding positions and gathering what is there. */
import type { WindowGeometry } from "../../array/neural/convolution.ts";
import type { Shape } from "../../array/shape.ts";
import type { WindowKernels } from "./library.ts";

/**
 * Writes the positions of the largest elements under each window, counted through all images, as float64.
 * The images must be readable for 12 bytes beyond their end.
 *
 * @param x Address of images `[batch, height, width, channels]`
 * @param out Address of the positions, of the result's shape
 * @param from The first image, 0 by default; with `to` to compute a part
 */
export function maxPoolPositions(
  kernels: WindowKernels,
  x: number,
  out: number,
  image: Shape,
  result: Shape,
  { window, strides, padding, dilations }: WindowGeometry & { readonly window: readonly [number, number] },
  bytes: 4 | 8,
  from = 0,
  to: number = image[0]!,
): void {
  const [, height, width, channels] = image as [number, number, number, number];
  const [, outHeight, outWidth] = result as [number, number, number];
  const first = from * height * width * channels;
  kernels.largest({
    x: x + first * bytes,
    out: out + from * outHeight * outWidth * channels * 8,
    images: to - from,
    first,
    ...{ height, width, channels, outHeight, outWidth },
    window0: window[0],
    window1: window[1],
    stride0: strides[0],
    stride1: strides[1],
    dilation0: dilations[0],
    dilation1: dilations[1],
    top: padding[0],
    left: padding[2],
  });
}
