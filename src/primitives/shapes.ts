/** The same elements in another shape, order or type, or checked. */
import { message } from "../_internal/message.ts";
import type { DType } from "../array/dtype.ts";
import { triangleArray } from "../array/linear_algebra/triangular.ts";
import { checkRange, type ElementRange } from "../array/range.ts";
import { canBroadcast, type Shape, sizeOf } from "../array/shape.ts";
import { broadcastArray, concatArrays, transposeArray } from "../array/strided_copy.ts";
import { toArray } from "../array/value.ts";
import { alignBatches, alongLeadingAxes, shiftAxis } from "./batching.ts";
import type { Primitive, RuleContext } from "./primitive.ts";

/** The same elements under another shape. */
export const reshape: Primitive<1, { readonly shape: Shape }> = {
  arity: 1,
  shape: ([from], { shape }) => {
    if (sizeOf(from) !== sizeOf(shape)) {
      throw new TypeError(
        message`Cannot reshape: ${from} has ${sizeOf(from)} elements, ${shape} has
        ${sizeOf(shape)}`,
      );
    }
    return shape;
  },
  forward: ([x], _, shape) => toArray(x).withShape(shape),
  vjp: [({ ops, shapes }, g) => ops.reshape(g, { shape: shapes[0]! })],
  linear: true,
  batch: ({ ops, inputs: [x], size, shape }) => ops.reshape(x!, { shape: [size, ...shape] }),
  samples: [
    { shapes: [[2, 3]], attributes: { shape: [3, 2] } },
    { shapes: [[6]], attributes: { shape: [1, 2, 3] } },
    { shapes: [[]], attributes: { shape: [1, 1] } },
    { shapes: [[1]], attributes: { shape: [] } },
    { shapes: [[0, 2]], attributes: { shape: [0] } },
  ],
};

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

/** The attributes of {@linkcode concat}. */
interface Concat {
  /** The axis to join along, not negative. */
  readonly axis: number;
}

/** Operands joined along an axis. */
export const concat: Primitive<"list", Concat> = {
  arity: "list",
  shape: (shapes, { axis }) => {
    const [first] = shapes;
    for (const shape of shapes) {
      if (shape.length !== first!.length || shape.some((length, i) => i !== axis && length !== first![i])) {
        throw new TypeError(
          message`Cannot concatenate along axis ${axis}: shapes ${shapes}
          differ on another axis`,
        );
      }
    }
    return first!.map((length, i) => i === axis ? shapes.reduce((sum, s) => sum + s[axis]!, 0) : length);
  },
  forward: (inputs, { axis }, shape, dtype) => concatArrays(inputs.map(toArray), axis, shape, dtype),
  joint: {
    vjp: (c, g, wanted) => {
      const begins = beginsOf(c);
      return wanted.map((asked, k) =>
        asked ? c.ops.slice(g, { begin: begins[k]!, size: c.shapes[k]! }) : undefined
      );
    },
    // Operands that do not move give zeros: all tangents are joined as the operands are.
    jvp: (c, tangents) =>
      c.ops.concat(
        tangents.map((dx, k) => dx ?? c.ops.broadcastTo(0, { shape: c.shapes[k]! })),
        c.attributes,
      ),
  },
  batch: shiftAxis,
  samples: [
    { shapes: [[2], [3]], attributes: { axis: 0 } },
    { shapes: [[2, 1], [2, 3], [2, 2]], attributes: { axis: 1 } },
    { shapes: [[0, 2], [1, 2]], attributes: { axis: 0 } },
  ],
};

/** Where each operand starts in the result. */
function beginsOf<T>({ shapes, attributes: { axis } }: RuleContext<T, Concat>): Shape[] {
  let start = 0;
  return shapes.map((shape) => {
    const begin = shape.map((_, i) => i === axis ? start : 0);
    start += shape[axis]!;
    return begin;
  });
}

/** The attributes of {@linkcode triangle}. */
interface TrianglePart {
  /** Whether the upper part is kept, not the lower. */
  readonly upper: boolean;
  /** The last diagonal that is kept: 0 the main one, 1 the next above it, -1 the next below it. */
  readonly diagonal: number;
}

/** Matrices with zeros above a diagonal (or below it). */
export const triangle: Primitive<1, TrianglePart> = {
  arity: 1,
  shape: ([shape]) => shape,
  forward: ([x], { upper, diagonal }) => triangleArray(toArray(x), upper, diagonal),
  vjp: [({ ops, attributes }, g) => ops.triangle(g, attributes)],
  linear: true,
  batch: alongLeadingAxes,
  samples: [
    { shapes: [[3, 3]], attributes: { upper: false, diagonal: 0 } },
    { shapes: [[2, 3, 4]], attributes: { upper: true, diagonal: 1 } },
    { shapes: [[4, 2]], attributes: { upper: false, diagonal: -2 } },
    { shapes: [[0, 2]], attributes: { upper: true, diagonal: 5 } },
  ],
};

/** The same values in another element type; the engine casts the cotangent back. */
export const cast: Primitive<1, { readonly dtype: DType }> = {
  arity: 1,
  shape: ([shape]) => shape,
  dtype: ({ dtype }) => dtype,
  forward: ([x], { dtype }) => toArray(x).cast(dtype),
  vjp: [(_, g) => g],
  linear: true,
  batch: alongLeadingAxes,
  samples: [{ shapes: [[2, 3]], attributes: { dtype: "float64" } }],
};

/** The operand itself, checked each time that it is computed: also in later calls of a compiled function. */
export const checked: Primitive<1, ElementRange> = {
  arity: 1,
  shape: ([shape]) => shape,
  forward: ([x], range) => {
    checkRange(toArray(x).data, range);
    return x;
  },
  vjp: [(_, g) => g],
  jvp: [(_, t) => t],
  batch: alongLeadingAxes,
  samples: [
    {
      shapes: [[2, 3]],
      attributes: { operation: "a test", what: "number", min: -1e9, max: 1e9, isInteger: false },
    },
  ],
};
