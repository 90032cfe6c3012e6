import { transposeArray } from "../../array/strided_copy.ts";
import type { Primitive } from "../primitive.ts";
import { toArray } from "../../array/value.ts";

/** The axes in another order: axis i of the result is axis `axes[i]` of the operand. */
export const transpose: Primitive<1, { readonly axes: readonly number[] }> = {
  arity: 1,
  shape: ([shape], { axes }) => axes.map((axis) => shape[axis]!),
  forward: ([x], { axes }) => transposeArray(toArray(x), axes),
  vjp: [
    ({ ops, attributes: { axes } }, g) => ops.transpose(g, { axes: axes.map((_, i) => axes.indexOf(i)) }),
  ],
  linear: true,
  batch: ({ ops, inputs: [x], attributes: { axes } }) =>
    ops.transpose(x!, { axes: [0, ...axes.map((axis) => axis + 1)] }),
  samples: [
    { shapes: [[2, 3]], attributes: { axes: [1, 0] } },
    { shapes: [[2, 3, 4]], attributes: { axes: [2, 0, 1] } },
    { shapes: [[0, 2]], attributes: { axes: [1, 0] } },
    { shapes: [[1, 3]], attributes: { axes: [1, 0] } },
  ],
};
