import { checkIndices } from "../../array/indexing.ts";
import { scatterAddArray } from "../../array/strided_copy.ts";
import { type Shape, sizeOf } from "../../array/shape.ts";
import { everyBatched, indicesAlong } from "../batching.ts";
import type { Primitive } from "../primitive.ts";
import { toArray } from "../../array/value.ts";

/** Zeros into which slices are added at the given places along an axis: the transpose of gather. */
export const scatterAdd: Primitive<2, { readonly axis: number; readonly shape: Shape }> = {
  arity: 2,
  shape: (_, { shape }) => shape,
  forward: ([g, indices], { axis, shape }) => {
    const positions = toArray(indices);
    checkIndices("scatter", positions, shape, axis);
    return scatterAddArray(toArray(g), positions, axis, shape);
  },
  vjp: [({ ops, y, attributes: { axis } }, g) => ops.gather(g, y, { axis }), null],
  linear: true,
  untyped: [1],
  batch: (c) => {
    const { ops, inputs: [g, indices], batched, size, shapes, attributes: { axis, shape } } = c;
    const whole = [size, ...shape];
    if (!batched[1]) return ops.scatterAdd(g!, indices!, { axis: axis + 1, shape: whole });
    const count = sizeOf(shapes[1]!);
    const along = indicesAlong(ops, indices!, size, axis, shape, count);
    const parts = [size, ...shape.map((length, i) => i === axis ? count : length)];
    return ops.addAlongAxis(ops.reshape(everyBatched(c)[0]!, { shape: parts }), along, {
      axis: axis + 1,
      shape: whole,
    });
  },
  samples: [
    { shapes: [[3], [3]], attributes: { axis: 0, shape: [4] }, integers: [1], domains: [[-2, 2], [0, 4]] },
    {
      shapes: [[2, 3], [3]],
      attributes: { axis: 1, shape: [2, 4] },
      integers: [1],
      domains: [[-2, 2], [0, 4]],
    },
  ],
};
