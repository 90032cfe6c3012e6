import { type ConvolutionGeometry, convolve } from "../../array/neural/convolution.ts";
import { everyBatched } from "../batching.ts";
import {
  convolutionShape,
  foldIntoChannels,
  foldIntoImages,
  unfoldChannels,
  unfoldImages,
} from "./convolution_rules.ts";
import type { BatchContext, Primitive } from "../primitive.ts";
import { toArray } from "../../array/value.ts";

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
export function geometry(stated: Partial<ConvolutionGeometry>): ConvolutionGeometry {
  return { strides: [1, 1], padding: [0, 0, 0, 0], dilations: [1, 1], groups: 1, ...stated };
}

/** Runs a batched convolution with every example as groups of its own. */
export function groupEach<T, B extends ConvolutionGeometry>(
  c: BatchContext<T, B>,
  run: (x: T, y: T, groups: number) => T,
): T {
  const [x, y] = everyBatched(c).map((operand) => foldIntoChannels(c.ops, operand));
  return unfoldChannels(c, run(x!, y!, c.size * c.attributes.groups));
}
