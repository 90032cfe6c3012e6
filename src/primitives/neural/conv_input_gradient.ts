import { message } from "../../_internal/message.ts";
import { type ConvolutionGeometry, convolveInputGradient } from "../../array/neural/convolution.ts";
import { sameShape } from "../../array/shape.ts";
import { geometry, groupEach } from "./conv2d.ts";
import { convolutionShape, foldIntoImages, unfoldImages } from "./convolution_rules.ts";
import type { Primitive } from "../primitive.ts";
import { toArray } from "../../array/value.ts";

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
