import { message } from "../../_internal/message.ts";
import { broadcastArray } from "../../array/strided_copy.ts";
import { canBroadcast, type Shape } from "../../array/shape.ts";
import { alignBatches } from "../batching.ts";
import type { Primitive } from "../primitive.ts";
import { toArray } from "../../array/value.ts";

/** The operand repeated to a larger shape; the engine sums the cotangent back. */
export const broadcastTo: Primitive<1, { readonly shape: Shape }> = {
  arity: 1,
  shape: ([from], { shape }) => {
    if (canBroadcast(from, shape)) return shape;
    throw new TypeError(
      message`Cannot broadcast ${from} to ${shape}: axes are matched from the last one
      and must be equal or of length 1`,
    );
  },
  forward: ([x], _, shape) => broadcastArray(toArray(x), shape),
  vjp: [(_, g) => g],
  linear: true,
  batch: (c) => c.ops.broadcastTo(alignBatches(c)[0]!, { shape: [c.size, ...c.shape] }),
  samples: [
    { shapes: [[3]], attributes: { shape: [2, 3] } },
    { shapes: [[2, 1]], attributes: { shape: [2, 3] } },
    { shapes: [[]], attributes: { shape: [2] } },
    { shapes: [[1, 2]], attributes: { shape: [0, 2] } },
  ],
};
