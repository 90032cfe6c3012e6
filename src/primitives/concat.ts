import { formatShapes } from "../_internal/format.ts";
import { concatArrays } from "../array/move.ts";
import type { Shape } from "../array/shape.ts";
import type { Primitive, RuleContext } from "./primitive.ts";
import { toArray } from "./reduction.ts";

/** The attributes of {@linkcode concat}. */
interface Concat {
  /** The axis to join along, not negative. */
  readonly axis: number;
}

/** Operands joined along an axis. */
export const concat: Primitive<"list", Concat> = {
  name: "concat",
  arity: "list",
  shape: (shapes, { axis }) => {
    const [first] = shapes;
    for (const shape of shapes) {
      if (shape.length !== first!.length || shape.some((length, i) => i !== axis && length !== first![i])) {
        throw new TypeError(
          `Cannot concatenate along axis ${axis}: shapes ${formatShapes(shapes)} differ on another axis`,
        );
      }
    }
    return first!.map((length, i) => i === axis ? shapes.reduce((sum, s) => sum + s[axis]!, 0) : length);
  },
  forward: (inputs, { axis }, shape, dtype) => concatArrays(inputs.map(toArray), axis, shape, dtype),
  vjp: [(c, g, k) => c.ops.slice(g, { begin: startOf(c, k), size: c.shapes[k]! })],
  jvp: [(c, dx, k) => c.ops.place(dx, { begin: startOf(c, k), shape: c.shape })],
  samples: [
    { shapes: [[2], [3]], attributes: { axis: 0 } },
    { shapes: [[2, 1], [2, 3], [2, 2]], attributes: { axis: 1 } },
    { shapes: [[0, 2], [1, 2]], attributes: { axis: 0 } },
  ],
};

/** Where operand k starts in the result. */
function startOf<T>({ shapes, attributes: { axis } }: RuleContext<T, Concat>, k: number): Shape {
  const begin = shapes[0]!.map(() => 0);
  for (let i = 0; i < k; i++) begin[axis]! += shapes[i]![axis]!;
  return begin;
}
