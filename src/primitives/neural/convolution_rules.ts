import { message } from "../../_internal/message.ts";
import type { ConvolutionGeometry, WindowGeometry } from "../../array/neural/convolution.ts";
import type { Shape } from "../../array/shape.ts";
import type { BatchContext, Ops } from "../primitive.ts";

/** How many cells a padded axis holds for a window: the length of the result along it. */
export function windowCount(
  length: number,
  window: number,
  stride: number,
  before: number,
  after: number,
  dilation: number,
): number {
  return Math.floor((length + before + after - (window - 1) * dilation - 1) / stride) + 1;
}

/**
 * Height and width of what a window gives on images.
 *
 * @throws {TypeError} If the window is larger than the padded image
 */
export function windowedSize(
  operation: string,
  image: Shape,
  window: readonly [number, number],
  { strides, padding: [top, bottom, left, right], dilations }: WindowGeometry,
): [number, number] {
  const height = windowCount(image[1]!, window[0], strides[0], top, bottom, dilations[0]);
  const width = windowCount(image[2]!, window[1], strides[1], left, right, dilations[1]);
  if (height < 1 || width < 1) {
    throw new TypeError(
      message`Cannot apply ${operation}: the window ${window} with dilations ${dilations}
      is larger than the image of shape ${image} with padding ${[top, bottom, left, right]} (top, bottom,
      left, right), pad more or use a smaller window`,
    );
  }
  return [height, width];
}

/** The shape of a convolution of images with filters; throws a TypeError if they do not fit. */
export function convolutionShape(
  operation: string,
  image: Shape,
  filters: Shape,
  geometry: ConvolutionGeometry,
): Shape {
  const { groups } = geometry;
  const [, , perGroup, outChannels] = filters;
  if (
    image.length !== 4 || filters.length !== 4 || image[3] !== perGroup! * groups || outChannels! % groups > 0
  ) {
    throw new TypeError(
      message`Cannot apply ${operation}: images of shape ${image} and filters of shape
      ${filters} in ${groups} ${groups === 1 ? "group" : "groups"} do not fit, expected [batch, height,
      width, channels] and [height, width, channels / groups, outChannels]`,
    );
  }
  const size = windowedSize(operation, image, [filters[0]!, filters[1]!], geometry);
  return [image[0]!, ...size, outChannels!];
}

/** Moves the examples of a batch into the axis of images: `[size, batch, ...]` to `[size * batch, ...]`. */
export function foldIntoImages<T>(ops: Ops<T>, x: T): T {
  const [size, batch, ...rest] = ops.shapeOf(x);
  return ops.reshape(x, { shape: [size! * batch!, ...rest] });
}

/** The inverse of {@linkcode foldIntoImages}. */
export function unfoldImages<T>({ ops, size, shape }: BatchContext<T, unknown>, x: T): T {
  return ops.reshape(x, { shape: [size, ...shape] });
}

/** Moves the examples of a batch into the last axis: each becomes a group of channels of its own. */
export function foldIntoChannels<T>(ops: Ops<T>, x: T): T {
  const shape = ops.shapeOf(x);
  const last = shape.length - 1;
  const inner = shape.map((_, i) => i).slice(1, last);
  return ops.reshape(ops.transpose(x, { axes: [...inner, 0, last] }), {
    shape: [...shape.slice(1, last), shape[0]! * shape[last]!],
  });
}

/** The inverse of {@linkcode foldIntoChannels}. */
export function unfoldChannels<T>({ ops, size, shape }: BatchContext<T, unknown>, x: T): T {
  const split = ops.reshape(x, { shape: [...shape.slice(0, -1), size, shape.at(-1)!] });
  const outer = shape.map((_, i) => i).slice(0, -1);
  return ops.transpose(split, { axes: [outer.length, ...outer, outer.length + 1] });
}
