/** Blocks of an array: read, written into zeros, and replaced. */
import { message } from "../../_internal/message.ts";
import { addToBlock, assignSliceArray, stridedPlaceArray, stridedSliceArray } from "../../array/indexing.ts";
import type { Shape } from "../../array/shape.ts";
import { placeArray, sliceArray } from "../../array/strided_copy.ts";
import { toArray } from "../../array/value.ts";
import { everyBatched } from "../batching.ts";
import type { Primitive, RuleContext } from "../primitive.ts";

/** A block of the operand. */
export const slice: Primitive<1, { readonly begin: Shape; readonly size: Shape }> = {
  arity: 1,
  shape: ([shape], { begin, size }) => {
    if (shape.every((length, i) => begin[i]! >= 0 && size[i]! >= 0 && begin[i]! + size[i]! <= length)) {
      return size;
    }
    throw new RangeError(
      message`Cannot slice: a block of ${size} at ${begin} does not lie inside shape
      ${shape}`,
    );
  },
  forward: ([x], { begin, size }) => sliceArray(toArray(x), begin, size),
  vjp: [({ ops, shapes, attributes: { begin } }, g) => ops.place(g, { begin, shape: shapes[0]! })],
  linear: true,
  accumulate: (into, g, { begin }) => addToBlock(into, g, begin, undefined),
  batch: ({ ops, inputs: [x], size, shape, attributes: { begin } }) =>
    ops.slice(x!, { begin: [0, ...begin], size: [size, ...shape] }),
  samples: [
    { shapes: [[5]], attributes: { begin: [1], size: [3] } },
    { shapes: [[3, 4]], attributes: { begin: [1, 0], size: [2, 3] } },
    { shapes: [[3, 4]], attributes: { begin: [1, 2], size: [0, 2] } },
  ],
};

/** Zeros with the operand written into a block: the transpose of slice. */
export const place: Primitive<1, { readonly begin: Shape; readonly shape: Shape }> = {
  arity: 1,
  shape: (_, { shape }) => shape,
  forward: ([x], { begin, shape }) => placeArray(toArray(x), begin, shape),
  vjp: [({ ops, shapes, attributes: { begin } }, g) => ops.slice(g, { begin, size: shapes[0]! })],
  linear: true,
  batch: ({ ops, inputs: [x], size, shape, attributes: { begin } }) =>
    ops.place(x!, { begin: [0, ...begin], shape: [size, ...shape] }),
  samples: [
    { shapes: [[3]], attributes: { begin: [1], shape: [5] } },
    { shapes: [[2, 1]], attributes: { begin: [0, 2], shape: [3, 4] } },
  ],
};

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
function checkBlock(operation: string, shape: Shape, begin: Shape, size: Shape, step: Shape): void {
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

/** The attributes of {@linkcode stridedPlace}. */
interface Placing extends Omit<StridedBlock, "size"> {
  /** The shape of the result. */
  readonly shape: Shape;
}

/** Zeros with the operand written at every `step`-th place from `begin` on: the transpose of stridedSlice. */
export const stridedPlace: Primitive<1, Placing> = {
  arity: 1,
  shape: ([size], { begin, step, shape }) => {
    checkBlock("place", shape, begin, size, step);
    return shape;
  },
  forward: ([x], { begin, step, shape }) => stridedPlaceArray(toArray(x), begin, step, shape),
  vjp: [
    ({ ops, shapes, attributes: { begin, step } }, g) =>
      ops.stridedSlice(g, { begin, size: shapes[0]!, step }),
  ],
  linear: true,
  batch: ({ ops, inputs: [x], size, attributes: { begin, step, shape } }) =>
    ops.stridedPlace(x!, { begin: [0, ...begin], step: [1, ...step], shape: [size, ...shape] }),
  samples: [
    { shapes: [[3]], attributes: { begin: [4], step: [-2], shape: [5] } },
    { shapes: [[2, 1]], attributes: { begin: [0, 2], step: [2, 1], shape: [3, 4] } },
    { shapes: [[0, 2]], attributes: { begin: [0, 0], step: [1, 2], shape: [2, 3] } },
  ],
};

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
