import { message } from "../../_internal/message.ts";
import { type Shape, sizeOf } from "../../array/shape.ts";
import type { Primitive } from "../primitive.ts";
import { toArray } from "../../array/value.ts";

/** The same elements under another shape. */
export const reshape: Primitive<1, { readonly shape: Shape }> = {
  arity: 1,
  shape: ([from], { shape }) => {
    if (sizeOf(from) !== sizeOf(shape)) {
      throw new TypeError(
        message`Cannot reshape: ${from} has ${sizeOf(from)} elements, ${shape} has
        ${sizeOf(shape)}`,
      );
    }
    return shape;
  },
  forward: ([x], _, shape) => toArray(x).withShape(shape),
  vjp: [({ ops, shapes }, g) => ops.reshape(g, { shape: shapes[0]! })],
  linear: true,
  batch: ({ ops, inputs: [x], size, shape }) => ops.reshape(x!, { shape: [size, ...shape] }),
  samples: [
    { shapes: [[2, 3]], attributes: { shape: [3, 2] } },
    { shapes: [[6]], attributes: { shape: [1, 2, 3] } },
    { shapes: [[]], attributes: { shape: [1, 1] } },
    { shapes: [[1]], attributes: { shape: [] } },
    { shapes: [[0, 2]], attributes: { shape: [0] } },
  ],
};
