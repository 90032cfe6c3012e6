import { allocate } from "../../array/dtype.ts";
import { addAlongAxisTo, checkIndices } from "../../array/indexing.ts";
import { NdArray } from "../../array/nd_array.ts";
import { type Shape, sizeOf } from "../../array/shape.ts";
import { checkAlong, checkValues } from "./along_axis.ts";
import { everyBatched } from "../batching.ts";
import type { Primitive } from "../primitive.ts";
import { toArray } from "../../array/value.ts";

/** Zeros to which single elements are added along an axis: the transpose of takeAlongAxis. */
export const addAlongAxis: Primitive<2, { readonly axis: number; readonly shape: Shape }> = {
  arity: 2,
  shape: ([values, indices], { axis, shape }) => {
    checkAlong("add elements", shape, indices, axis);
    checkValues("add elements", values, indices);
    return shape;
  },
  forward: ([values, indices], { axis }, shape, dtype) => {
    const positions = toArray(indices);
    checkIndices("add elements", positions, shape, axis);
    const out = new NdArray(allocate(dtype, sizeOf(shape)), shape);
    addAlongAxisTo(out, toArray(values), positions, axis);
    return out;
  },
  vjp: [({ ops, y, attributes: { axis } }, g) => ops.takeAlongAxis(g, y, { axis }), null],
  linear: true,
  untyped: [1],
  batch: (c) => {
    const [values, indices] = everyBatched(c);
    const { axis, shape } = c.attributes;
    return c.ops.addAlongAxis(values!, indices!, { axis: axis + 1, shape: [c.size, ...shape] });
  },
  samples: [
    { shapes: [[3], [3]], attributes: { axis: 0, shape: [4] }, integers: [1], domains: [[-2, 2], [0, 4]] },
    {
      shapes: [[2, 3, 2], [2, 3, 2]],
      attributes: { axis: 1, shape: [2, 4, 2] },
      integers: [1],
      domains: [[-2, 2], [0, 4]],
    },
    { shapes: [[2, 0], [2, 0]], attributes: { axis: 1, shape: [2, 3] }, integers: [1] },
  ],
};
