import { assignSliceArray } from "../../array/indexing.ts";
import type { Shape } from "../../array/shape.ts";
import { everyBatched } from "../batching.ts";
import type { Primitive, RuleContext } from "../primitive.ts";
import { toArray } from "../../array/value.ts";
import { checkBlock, type StridedBlock } from "./strided_slice.ts";

/** The attributes of {@linkcode assignSlice}. */
type Place = Omit<StridedBlock, "size">;

/** The first operand with a block of it replaced by the second. */
export const assignSlice: Primitive<2, Place> = {
  arity: 2,
  shape: ([shape, size], { begin, step }) => {
    checkBlock("assign", shape, begin, size, step);
    return shape;
  },
  forward: ([x, values], { begin, step }, _, dtype) =>
    assignSliceArray(toArray(x), toArray(values), begin, step, dtype),
  vjp: [
    (c, g) => cleared(c, g),
    ({ ops, shapes, attributes: { begin, step } }, g) =>
      ops.stridedSlice(g, { begin, size: shapes[1]!, step }),
  ],
  jvp: [
    (c, dx) => cleared(c, dx),
    ({ ops, shape, attributes }, dv) => ops.stridedPlace(dv, { ...attributes, shape }),
  ],
  batch: (c) => {
    const [x, values] = everyBatched(c);
    const { begin, step } = c.attributes;
    return c.ops.assignSlice(x!, values!, { begin: [0, ...begin], step: [1, ...step] });
  },
  samples: [
    { shapes: [[5], [2]], attributes: { begin: [4], step: [-2] } },
    { shapes: [[3, 4], [2, 1]], attributes: { begin: [0, 2], step: [2, 1] } },
    { shapes: [[3], [0]], attributes: { begin: [0], step: [1] } },
    { shapes: [[1, 2], [1, 2]], attributes: { begin: [0, 0], step: [1, 1] } },
  ],
};

/** A derivative by the first operand, with zeros in the block. */
function cleared<T>({ ops, shapes, attributes }: RuleContext<T, Place>, g: T): T {
  const zeros: Shape = shapes[1]!;
  return ops.assignSlice(g, ops.broadcastTo(0, { shape: zeros }), attributes);
}
