import { message } from "../../_internal/message.ts";
import { solveArrays } from "../../array/linear_algebra/lu.ts";
import { broadcastShapes, type Shape } from "../../array/shape.ts";
import { alignBatches } from "../batching.ts";
import { checkSquare, PLAIN, RIGHT } from "./matrix_rules.ts";
import type { Primitive } from "../primitive.ts";
import { toArray } from "../reductions/reduction.ts";

/** The shape of the solution of a linear system, batched over the leading axes. */
export function solutionShape(operation: string, a: Shape, b: Shape): Shape {
  checkSquare("solve the linear system", a);
  const n = a[a.length - 1]!;
  if (b.length < 2 || b[b.length - 2] !== n) {
    throw new TypeError(
      message`Cannot solve the linear system: the matrix and the right-hand sides have
      shapes ${a} and ${b}, the right-hand sides must have shape ${[n]} or [..., ${n}, columns]`,
    );
  }
  return [...broadcastShapes(operation, a.slice(0, -2), b.slice(0, -2)), ...b.slice(-2)];
}

/** The solution x of `a x = b`, or of `transpose(a) x = b`; b has right-hand sides as columns. */
export const solve: Primitive<2, { readonly transpose: boolean }> = {
  name: "solve",
  arity: 2,
  shape: ([a, b]) => solutionShape("solve", a!, b!),
  forward: ([a, b], { transpose }, shape, dtype) =>
    solveArrays(toArray(a!), toArray(b!), transpose, shape, dtype),
  // Giles, "Collected matrix derivative results for forward and reverse mode", 2008, section 2.3.1.
  vjp: [
    ({ ops, x: a, output, attributes: { transpose } }, g) => {
      const gb = ops.solve(a, g, { transpose: !transpose });
      return ops.neg(transpose ? ops.matmul(output, gb, RIGHT) : ops.matmul(gb, output, RIGHT));
    },
    ({ ops, x: a, attributes: { transpose } }, g) => ops.solve(a, g, { transpose: !transpose }),
  ],
  jvp: [
    ({ ops, x: a, output, attributes }, da) => {
      const moved = ops.matmul(da, output, { ...PLAIN, transposeX: attributes.transpose });
      return ops.neg(ops.solve(a, moved, attributes));
    },
    ({ ops, x: a, attributes }, db) => ops.solve(a, db, attributes),
  ],
  batch: (c) => {
    const [a, b] = alignBatches(c);
    return c.ops.solve(a!, b!, c.attributes);
  },
  samples: [
    { shapes: [[3, 3], [3, 2]], diagonal: [6, 6, 6], attributes: { transpose: false } },
    { shapes: [[3, 3], [3, 2]], diagonal: [6, -6, 6], attributes: { transpose: true } },
    { shapes: [[2, 1, 2, 2], [3, 2, 1]], diagonal: [5, 5], attributes: { transpose: false } },
    { shapes: [[2, 2], [2, 2, 1]], diagonal: [5, 5], attributes: { transpose: true } },
    { shapes: [[0, 0], [0, 2]], attributes: { transpose: false } },
  ],
};
