import { message } from "../../_internal/message.ts";
import { largestInWindows, type WindowGeometry } from "../../array/neural/convolution.ts";
import { foldIntoImages, unfoldImages, windowedSize } from "./convolution_rules.ts";
import type { Primitive } from "../primitive.ts";
import { toArray } from "../../array/value.ts";

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
