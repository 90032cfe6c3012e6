import { message } from "../../_internal/message.ts";
import { addToBlock, stridedSliceArray } from "../../array/indexing.ts";
import type { Shape } from "../../array/shape.ts";
import type { Primitive } from "../primitive.ts";
import { toArray } from "../../array/value.ts";

/** A block of elements that lie apart. */
export interface StridedBlock {
  /** Where it starts along each axis. */
  readonly begin: Shape;
  /** How many elements it has along each axis. */
  readonly size: Shape;
  /** How far apart they lie; negative steps go backwards. */
  readonly step: readonly number[];
}

/**
 * Checks that a block lies inside an array.
 *
 * @throws {RangeError} If it does not
 */
export function checkBlock(operation: string, shape: Shape, begin: Shape, size: Shape, step: Shape): void {
  const inside = size.every((count, i) => {
    const last = begin[i]! + (count - 1) * step[i]!;
    return count === 0 || (begin[i]! >= 0 && begin[i]! < shape[i]! && last >= 0 && last < shape[i]!);
  });
  if (inside) return;
  throw new RangeError(
    message`Cannot ${operation}: a block of ${size} at ${begin} in steps of ${step} does
    not lie inside shape ${shape}`,
  );
}

/** Every `step`-th element from `begin` on, along each axis. */
export const stridedSlice: Primitive<1, StridedBlock> = {
  arity: 1,
  shape: ([shape], { begin, size, step }) => {
    checkBlock("slice", shape, begin, size, step);
    return size;
  },
  forward: ([x], { begin, size, step }) => stridedSliceArray(toArray(x), begin, size, step),
  vjp: [
    ({ ops, shapes, attributes: { begin, step } }, g) =>
      ops.stridedPlace(g, { begin, step, shape: shapes[0]! }),
  ],
  linear: true,
  accumulate: (into, g, { begin, step }) => addToBlock(into, g, begin, step),
  batch: ({ ops, inputs: [x], size, attributes }) =>
    ops.stridedSlice(x!, {
      begin: [0, ...attributes.begin],
      size: [size, ...attributes.size],
      step: [1, ...attributes.step],
    }),
  samples: [
    { shapes: [[5]], attributes: { begin: [4], size: [3], step: [-2] } },
    { shapes: [[3, 4]], attributes: { begin: [0, 3], size: [2, 4], step: [2, -1] } },
    { shapes: [[3, 4]], attributes: { begin: [1, 2], size: [0, 2], step: [1, 1] } },
    { shapes: [[2, 1, 5]], attributes: { begin: [1, 0, 0], size: [2, 1, 2], step: [-1, 1, 3] } },
  ],
};
