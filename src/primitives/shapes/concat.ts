import { message } from "../../_internal/message.ts";
import { concatArrays } from "../../array/strided_copy.ts";
import type { Shape } from "../../array/shape.ts";
import { shiftAxis } from "../batching.ts";
import type { Primitive, RuleContext } from "../primitive.ts";
import { toArray } from "../../array/value.ts";

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
