import { scatterAddArray } from "../array/move.ts";
import type { Shape } from "../array/shape.ts";
import type { Primitive } from "./primitive.ts";
import { toArray } from "./reduction.ts";

/** Zeros into which slices are added at the given places along an axis: the transpose of gather. */
export const scatterAdd: Primitive<2, { readonly axis: number; readonly shape: Shape }> = {
  name: "scatterAdd",
  arity: 2,
  shape: (_, { shape }) => shape,
  forward: ([g, indices], { axis, shape }) => scatterAddArray(toArray(g!), toArray(indices!), axis, shape),
  vjp: [({ ops, y, attributes: { axis } }, g) => ops.gather(g, y, { axis }), null],
  jvp: [({ ops, y, attributes }, dx) => ops.scatterAdd(dx, y, attributes), null],
  untyped: [1],
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
