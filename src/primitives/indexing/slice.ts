import { message } from "../../_internal/message.ts";
import { addToBlock } from "../../array/indexing.ts";
import { sliceArray } from "../../array/strided_copy.ts";
import type { Shape } from "../../array/shape.ts";
import type { Primitive } from "../primitive.ts";
import { toArray } from "../../array/value.ts";

/** A block of the operand. */
export const slice: Primitive<1, { readonly begin: Shape; readonly size: Shape }> = {
  arity: 1,
  shape: ([shape], { begin, size }) => {
    if (shape.every((length, i) => begin[i]! >= 0 && size[i]! >= 0 && begin[i]! + size[i]! <= length)) {
      return size;
    }
    throw new RangeError(
      message`Cannot slice: a block of ${size} at ${begin} does not lie inside shape
      ${shape}`,
    );
  },
  forward: ([x], { begin, size }) => sliceArray(toArray(x), begin, size),
  vjp: [({ ops, shapes, attributes: { begin } }, g) => ops.place(g, { begin, shape: shapes[0]! })],
  linear: true,
  accumulate: (into, g, { begin }) => addToBlock(into, g, begin, undefined),
  batch: ({ ops, inputs: [x], size, shape, attributes: { begin } }) =>
    ops.slice(x!, { begin: [0, ...begin], size: [size, ...shape] }),
  samples: [
    { shapes: [[5]], attributes: { begin: [1], size: [3] } },
    { shapes: [[3, 4]], attributes: { begin: [1, 0], size: [2, 3] } },
    { shapes: [[3, 4]], attributes: { begin: [1, 2], size: [0, 2] } },
  ],
};
