import { placeArray } from "../../array/strided_copy.ts";
import type { Shape } from "../../array/shape.ts";
import type { Primitive } from "../primitive.ts";
import { toArray } from "../../array/value.ts";

/** Zeros with the operand written into a block: the transpose of slice. */
export const place: Primitive<1, { readonly begin: Shape; readonly shape: Shape }> = {
  arity: 1,
  shape: (_, { shape }) => shape,
  forward: ([x], { begin, shape }) => placeArray(toArray(x), begin, shape),
  vjp: [({ ops, shapes, attributes: { begin } }, g) => ops.slice(g, { begin, size: shapes[0]! })],
  linear: true,
  batch: ({ ops, inputs: [x], size, shape, attributes: { begin } }) =>
    ops.place(x!, { begin: [0, ...begin], shape: [size, ...shape] }),
  samples: [
    { shapes: [[3]], attributes: { begin: [1], shape: [5] } },
    { shapes: [[2, 1]], attributes: { begin: [0, 2], shape: [3, 4] } },
  ],
};
