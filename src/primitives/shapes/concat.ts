import { message } from "../../_internal/message.ts";
import { concatArrays } from "../../array/strided_copy.ts";
import type { Shape } from "../../array/shape.ts";
import { everyBatched } from "../batching.ts";
import type { Primitive, RuleContext } from "../primitive.ts";
import { toArray } from "../reductions/reduction.ts";

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
          message`Cannot concatenate along axis ${axis}: shapes ${shapes}
          differ on another axis`,
        );
      }
    }
    return first!.map((length, i) => i === axis ? shapes.reduce((sum, s) => sum + s[axis]!, 0) : length);
  },
  forward: (inputs, { axis }, shape, dtype) => concatArrays(inputs.map(toArray), axis, shape, dtype),
  vjp: [(c, g, k) => c.ops.slice(g, { begin: startOf(c, k), size: c.shapes[k]! })],
  jvp: [(c, dx, k) => c.ops.place(dx, { begin: startOf(c, k), shape: c.shape })],
  batch: (c) => c.ops.concat(everyBatched(c), { axis: c.attributes.axis + 1 }),
  samples: [
    { shapes: [[2], [3]], attributes: { axis: 0 } },
    { shapes: [[2, 1], [2, 3], [2, 2]], attributes: { axis: 1 } },
    { shapes: [[0, 2], [1, 2]], attributes: { axis: 0 } },
  ],
};

/** Where each operand starts along the axis, kept while the rules for all operands of a row are called. */
const starts = new WeakMap<readonly Shape[], number[]>();

/** Where operand k starts in the result. */
function startOf<T>({ shapes, attributes: { axis } }: RuleContext<T, Concat>, k: number): Shape {
  let along = starts.get(shapes);
  if (along === undefined) {
    let start = 0;
    along = shapes.map((shape) => (start += shape[axis]!) - shape[axis]!);
    starts.set(shapes, along);
  }
  return shapes[0]!.map((_, i) => i === axis ? along[k]! : 0);
}
