import { message } from "../../_internal/message.ts";
import { convolveFilterGradient } from "../../array/neural/convolution.ts";
import { sameShape } from "../../array/shape.ts";
import { geometry, groupEach } from "./conv2d.ts";
import type { SizedConvolution } from "./conv_input_gradient.ts";
import { convolutionShape } from "./convolution_rules.ts";
import type { Primitive } from "../primitive.ts";
import { toArray } from "../../array/value.ts";

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
