import { addToRows, checkIndices } from "../../array/indexing.ts";
import { gatherArray } from "../../array/strided_copy.ts";
import { everyBatched, indicesAlong } from "../batching.ts";
import { sizeOf } from "../../array/shape.ts";
import type { Primitive } from "../primitive.ts";
import { toArray } from "../../array/value.ts";

/** Slices of the first operand along an axis, chosen by the integers in the second. */
export const gather: Primitive<2, { readonly axis: number }> = {
  arity: 2,
  shape: ([x, indices], { axis }) => [...x.slice(0, axis), ...indices, ...x.slice(axis + 1)],
  forward: ([x, indices], { axis }) => {
    const source = toArray(x);
    const positions = toArray(indices);
    checkIndices("gather", positions, source.shape, axis);
    return gatherArray(source, positions, axis);
  },
  vjp: [
    ({ ops, y, shapes, attributes: { axis } }, g) => ops.scatterAdd(g, y, { axis, shape: shapes[0]! }),
    null,
  ],
  linear: true,
  accumulate: (into, g, { axis }, [, indices]) => addToRows(into, g, indices!, axis),
  untyped: [1],
  batch: (c) => {
    const { ops, inputs: [x, indices], batched, size, shapes, shape, attributes: { axis } } = c;
    if (!batched[1]) return ops.gather(x!, indices!, { axis: axis + 1 });
    const along = indicesAlong(ops, indices!, size, axis, shapes[0]!, sizeOf(shapes[1]!));
    const taken = ops.takeAlongAxis(everyBatched(c)[0]!, along, { axis: axis + 1 });
    return ops.reshape(taken, { shape: [size, ...shape] });
  },
  samples: [
    { shapes: [[4], [3]], attributes: { axis: 0 }, integers: [1], domains: [[-2, 2], [0, 4]] },
    { shapes: [[2, 4], [2, 3]], attributes: { axis: 1 }, integers: [1], domains: [[-2, 2], [0, 4]] },
    { shapes: [[4, 2], []], attributes: { axis: 0 }, integers: [1], domains: [[-2, 2], [0, 4]] },
  ],
};
