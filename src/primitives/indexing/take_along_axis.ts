import { addAlongAxisTo, checkIndices, takeAlongAxisArray } from "../../array/indexing.ts";
import { checkAlong } from "./along_axis.ts";
import { shiftAxis } from "../batching.ts";
import type { Primitive } from "../primitive.ts";
import { toArray } from "../../array/value.ts";

/** Single elements of the first operand along an axis, chosen by the integers in the second. */
export const takeAlongAxis: Primitive<2, { readonly axis: number }> = {
  arity: 2,
  shape: ([x, indices], { axis }) => {
    checkAlong("take elements", x, indices, axis);
    return indices;
  },
  forward: ([x, indices], { axis }) => {
    const source = toArray(x);
    const positions = toArray(indices);
    checkIndices("take elements", positions, source.shape, axis);
    return takeAlongAxisArray(source, positions, axis);
  },
  vjp: [
    ({ ops, y, shapes, attributes: { axis } }, g) => ops.addAlongAxis(g, y, { axis, shape: shapes[0]! }),
    null,
  ],
  linear: true,
  accumulate: (into, g, { axis }, [, indices]) => addAlongAxisTo(into, toArray(g), toArray(indices!), axis),
  untyped: [1],
  batch: shiftAxis,
  samples: [
    { shapes: [[4], [3]], attributes: { axis: 0 }, integers: [1], domains: [[-2, 2], [0, 4]] },
    { shapes: [[2, 4, 2], [2, 3, 2]], attributes: { axis: 1 }, integers: [1], domains: [[-2, 2], [0, 4]] },
    { shapes: [[2, 1], [2, 3]], attributes: { axis: 1 }, integers: [1], domains: [[-2, 2], [0, 1]] },
    { shapes: [[2, 3], [2, 0]], attributes: { axis: 1 }, integers: [1] },
  ],
};
