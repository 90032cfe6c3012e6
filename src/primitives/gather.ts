import { formatShape } from "../_internal/format.ts";
import { gatherArray } from "../array/move.ts";
import type { Primitive } from "./primitive.ts";
import { toArray } from "./reduction.ts";

/** Slices of the first operand along an axis, chosen by the integers in the second. */
export const gather: Primitive<2, { readonly axis: number }> = {
  name: "gather",
  arity: 2,
  shape: ([x, indices], { axis }) => [...x!.slice(0, axis), ...indices!, ...x!.slice(axis + 1)],
  forward: ([x, indices], { axis }) => {
    const source = toArray(x!);
    const positions = toArray(indices!);
    const length = source.shape[axis]!;
    for (const i of positions.data) {
      if (!Number.isInteger(i) || i < 0 || i >= length) {
        throw new RangeError(
          `Cannot gather along axis ${axis} of shape ${formatShape(source.shape)}: found the index ${i}, ` +
            `indices are integers from 0 to ${length - 1}`,
        );
      }
    }
    return gatherArray(source, positions, axis);
  },
  vjp: [
    ({ ops, y, shapes, attributes: { axis } }, g) => ops.scatterAdd(g, y, { axis, shape: shapes[0]! }),
    null,
  ],
  jvp: [({ ops, y, attributes }, dx) => ops.gather(dx, y, attributes), null],
  untyped: [1],
  samples: [
    { shapes: [[4], [3]], attributes: { axis: 0 }, integers: [1], domains: [[-2, 2], [0, 4]] },
    { shapes: [[2, 4], [2, 3]], attributes: { axis: 1 }, integers: [1], domains: [[-2, 2], [0, 4]] },
    { shapes: [[4, 2], []], attributes: { axis: 0 }, integers: [1], domains: [[-2, 2], [0, 4]] },
  ],
};
