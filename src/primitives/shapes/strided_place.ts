import { stridedPlaceArray } from "../../array/indexing.ts";
import type { Shape } from "../../array/shape.ts";
import type { Primitive } from "../primitive.ts";
import { toArray } from "../../array/value.ts";
import { checkBlock, type StridedBlock } from "../indexing/strided_slice.ts";

/** The attributes of {@linkcode stridedPlace}. */
interface Placing extends Omit<StridedBlock, "size"> {
  /** The shape of the result. */
  readonly shape: Shape;
}

/** Zeros with the operand written at every `step`-th place from `begin` on: the transpose of stridedSlice. */
export const stridedPlace: Primitive<1, Placing> = {
  arity: 1,
  shape: ([size], { begin, step, shape }) => {
    checkBlock("place", shape, begin, size, step);
    return shape;
  },
  forward: ([x], { begin, step, shape }) => stridedPlaceArray(toArray(x), begin, step, shape),
  vjp: [
    ({ ops, shapes, attributes: { begin, step } }, g) =>
      ops.stridedSlice(g, { begin, size: shapes[0]!, step }),
  ],
  linear: true,
  batch: ({ ops, inputs: [x], size, attributes: { begin, step, shape } }) =>
    ops.stridedPlace(x!, { begin: [0, ...begin], step: [1, ...step], shape: [size, ...shape] }),
  samples: [
    { shapes: [[3]], attributes: { begin: [4], step: [-2], shape: [5] } },
    { shapes: [[2, 1]], attributes: { begin: [0, 2], step: [2, 1], shape: [3, 4] } },
    { shapes: [[0, 2]], attributes: { begin: [0, 0], step: [1, 2], shape: [2, 3] } },
  ],
};
