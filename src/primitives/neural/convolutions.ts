/** What a window that moves over images computes: convolutions, and where each window has its maximum. */
import { message } from "../../_internal/message.ts";
import {
  type ConvolutionGeometry,
  convolve,
  convolveFilterGradient,
  convolveInputGradient,
  largestInWindows,
  type WindowGeometry,
} from "../../array/neural/convolution.ts";
import { sameShape } from "../../array/shape.ts";
import { toArray } from "../../array/value.ts";
import { everyBatched } from "../batching.ts";
import {
  convolutionShape,
  foldIntoChannels,
  foldIntoImages,
  unfoldChannels,
  unfoldImages,
  windowedSize,
} from "./convolution_rules.ts";
import type { BatchContext, Primitive } from "../primitive.ts";

/**
 * Cross-correlation of images `[batch, height, width, channels]` with filters
 * `[height, width, channels / groups, outChannels]`.
 */
export const conv2d: Primitive<2, ConvolutionGeometry> = {
  arity: 2,
  shape: ([image, filters], geometry) => convolutionShape("conv2d", image, filters, geometry),
  forward: ([x, filters], geometry, shape, dtype) =>
    convolve(toArray(x), toArray(filters), geometry, shape, dtype),
  vjp: [
    ({ ops, y, shapes: [image], attributes }, g) =>
      ops.convInputGradient(g, y, { ...attributes, size: [image![1]!, image![2]!] }),
    ({ ops, x, shapes: [, filters], attributes }, g) =>
      ops.convFilterGradient(x, g, { ...attributes, size: [filters![0]!, filters![1]!] }),
  ],
  linear: true,
  batch: (c) => {
    const { ops, inputs: [x, filters], attributes } = c;
    if (!c.batched[1]) return unfoldImages(c, ops.conv2d(foldIntoImages(ops, x!), filters!, attributes));
    return groupEach(c, (a, b, groups) => ops.conv2d(a, b, { ...attributes, groups }));
  },
  samples: [
    { shapes: [[2, 4, 5, 2], [3, 2, 2, 3]], attributes: geometry({}) },
    {
      shapes: [[1, 5, 4, 1], [2, 3, 1, 2]],
      attributes: geometry({ strides: [2, 1], padding: [1, 0, 2, 1] }),
    },
    {
      shapes: [[1, 5, 5, 2], [2, 2, 2, 1]],
      attributes: geometry({ dilations: [2, 3], padding: [0, 1, 0, 0] }),
    },
    { shapes: [[1, 3, 4, 4], [2, 2, 2, 6]], attributes: geometry({ groups: 2, padding: [0, 1, 1, 0] }) },
    { shapes: [[2, 3, 3, 3], [2, 2, 1, 3]], attributes: geometry({ groups: 3, strides: [1, 2] }) },
    { shapes: [[2, 2, 3, 3], [1, 1, 3, 2]], attributes: geometry({}) },
    { shapes: [[0, 3, 3, 1], [2, 2, 1, 2]], attributes: geometry({}) },
  ],
};

/** A geometry for tests: what is not stated has no effect. */
function geometry(stated: Partial<ConvolutionGeometry>): ConvolutionGeometry {
  return { strides: [1, 1], padding: [0, 0, 0, 0], dilations: [1, 1], groups: 1, ...stated };
}

/** Runs a batched convolution with every example as groups of its own. */
function groupEach<T, B extends ConvolutionGeometry>(
  c: BatchContext<T, B>,
  run: (x: T, y: T, groups: number) => T,
): T {
  const [x, y] = everyBatched(c).map((operand) => foldIntoChannels(c.ops, operand));
  return unfoldChannels(c, run(x!, y!, c.size * c.attributes.groups));
}

/** A convolution together with a height and width that its operands do not tell. */
export interface SizedConvolution extends ConvolutionGeometry {
  /** Height and width of the images, or of the filters. */
  readonly size: readonly [number, number];
}

/**
 * The transpose of conv2d as a map of images, by which gradients go back and transposed convolution works:
 * from `[batch, height, width, outChannels]` and the filters of conv2d to images of height and width `size`.
 */
export const convInputGradient: Primitive<2, SizedConvolution> = {
  arity: 2,
  shape: ([g, filters], attributes) => {
    const { size, groups } = attributes;
    const image = [g[0] ?? 0, ...size, (filters[2] ?? 0) * groups];
    const expected = convolutionShape("a transposed convolution", image, filters, attributes);
    if (!sameShape(g, expected)) {
      throw new TypeError(
        message`Cannot apply a transposed convolution: images of shape ${g} and filters
        of shape ${filters} do not give height and width ${size}, for that the images need shape
        ${expected}`,
      );
    }
    return image;
  },
  forward: ([g, filters], attributes, shape, dtype) =>
    convolveInputGradient(toArray(g), toArray(filters), attributes, shape, dtype),
  vjp: [
    ({ ops, y, attributes }, g) => ops.conv2d(g, y, attributes),
    ({ ops, x, shapes: [, filters], attributes }, g) =>
      ops.convFilterGradient(g, x, { ...attributes, size: [filters![0]!, filters![1]!] }),
  ],
  linear: true,
  batch: (c) => {
    const { ops, inputs: [g, filters], attributes } = c;
    if (!c.batched[1]) {
      return unfoldImages(c, ops.convInputGradient(foldIntoImages(ops, g!), filters!, attributes));
    }
    return groupEach(c, (a, b, groups) => ops.convInputGradient(a, b, { ...attributes, groups }));
  },
  samples: [
    { shapes: [[2, 2, 4, 3], [3, 2, 2, 3]], attributes: { ...geometry({}), size: [4, 5] } },
    {
      shapes: [[1, 3, 5, 2], [2, 3, 1, 2]],
      attributes: { ...geometry({ strides: [2, 1], padding: [1, 0, 2, 1] }), size: [5, 4] },
    },
    {
      shapes: [[1, 3, 4, 6], [2, 2, 2, 6]],
      attributes: { ...geometry({ groups: 2, padding: [0, 1, 1, 0] }), size: [3, 4] },
    },
    { shapes: [[1, 2, 3, 2], [1, 1, 3, 2]], attributes: { ...geometry({}), size: [2, 3] } },
  ],
};

/**
 * The transpose of conv2d as a map of filters, by which their gradients go back: from images and
 * `[batch, height, width, outChannels]` to filters of height and width `size`.
 */
export const convFilterGradient: Primitive<2, SizedConvolution> = {
  arity: 2,
  shape: ([x, g], attributes) => {
    const filters = [...attributes.size, (x[3] ?? 0) / attributes.groups, g[3] ?? 0];
    if (!sameShape(g, convolutionShape("the gradient of filters", x, filters, attributes))) {
      throw new TypeError(
        message`Cannot apply the gradient of filters: images and results of shapes ${x}
        and ${g} do not fit`,
      );
    }
    return filters;
  },
  forward: ([x, g], attributes, shape, dtype) =>
    convolveFilterGradient(toArray(x), toArray(g), attributes, shape, dtype),
  vjp: [
    ({ ops, y, shapes: [image], attributes }, g) =>
      ops.convInputGradient(y, g, { ...attributes, size: [image![1]!, image![2]!] }),
    ({ ops, x, attributes }, g) => ops.conv2d(x, g, attributes),
  ],
  linear: true,
  batch: (c) => groupEach(c, (x, g, groups) => c.ops.convFilterGradient(x, g, { ...c.attributes, groups })),
  samples: [
    { shapes: [[2, 4, 5, 2], [2, 2, 4, 3]], attributes: { ...geometry({}), size: [3, 2] } },
    {
      shapes: [[1, 5, 4, 1], [1, 3, 5, 2]],
      attributes: { ...geometry({ strides: [2, 1], padding: [1, 0, 2, 1] }), size: [2, 3] },
    },
    {
      shapes: [[1, 3, 4, 4], [1, 3, 4, 6]],
      attributes: { ...geometry({ groups: 2, padding: [0, 1, 1, 0] }), size: [2, 2] },
    },
    { shapes: [[0, 3, 3, 1], [0, 2, 2, 2]], attributes: { ...geometry({}), size: [2, 2] } },
  ],
};

/** A window of pooling. */
export interface PoolingWindow extends WindowGeometry {
  /** Height and width of the window. */
  readonly window: readonly [number, number];
}

/**
 * Positions, in the flattened images `[batch, height, width, channels]`, of the largest element under each
 * window. Max pooling is gathering them, so its derivatives of any order are those of gather.
 */
export const maxPoolIndices: Primitive<1, PoolingWindow> = {
  arity: 1,
  shape: ([image], attributes) => {
    if (image.length !== 4) {
      throw new TypeError(
        message`Cannot apply maxPool: images have shape ${image}, expected [batch,
        height, width, channels]`,
      );
    }
    const size = windowedSize("maxPool", image, attributes.window, attributes);
    return [image[0]!, ...size, image[3]!];
  },
  forward: ([x], attributes, shape) => largestInWindows(toArray(x), attributes.window, attributes, shape),
  vjp: [null],
  jvp: [null],
  // float32 counts no further than 2 ** 24.
  dtype: () => "float64",
  batch: (c) => {
    const { ops, inputs: [x], shapes: [image], attributes } = c;
    const positions = unfoldImages(c, ops.maxPoolIndices(foldIntoImages(ops, x!), attributes));
    return ops.mod(positions, image!.reduce((a, b) => a * b, 1));
  },
  samples: [
    {
      shapes: [[2, 4, 5, 2]],
      attributes: { window: [2, 3], strides: [2, 1], padding: [0, 1, 1, 0], dilations: [1, 2] },
    },
  ],
};
