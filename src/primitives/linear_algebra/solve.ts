import { message } from "../../_internal/message.ts";
import { solveArrays } from "../../array/linear_algebra/triangular.ts";
import { broadcastShapes, type Shape } from "../../array/shape.ts";
import { alongLeadingAxes } from "../batching.ts";
import { checkSquare, PLAIN, RIGHT } from "./matrix_rules.ts";
import type { Primitive } from "../primitive.ts";
import { toArray } from "../../array/value.ts";

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
  arity: 2,
  shape: ([a, b]) => solutionShape("solve", a, b),
  forward: ([a, b], { transpose }, shape, dtype) =>
    solveArrays(toArray(a), toArray(b), transpose, shape, dtype),
  // Giles, "Collected matrix derivative results for forward and reverse mode", 2008, section 2.3.1.
  joint: {
    vjp: ({ ops, x: a, output, attributes: { transpose } }, g, [byMatrix]) => {
      const gb = ops.solve(a, g, { transpose: !transpose });
      if (!byMatrix) return [undefined, gb];
      return [ops.neg(transpose ? ops.matmul(output, gb, RIGHT) : ops.matmul(gb, output, RIGHT)), gb];
    },
    jvp: ({ ops, x: a, output, attributes }, [da, db]) => {
      if (da === undefined) return db === undefined ? undefined : ops.solve(a, db, attributes);
      const moved = ops.matmul(da, output, { ...PLAIN, transposeX: attributes.transpose });
      return ops.solve(a, db === undefined ? ops.neg(moved) : ops.sub(db, moved), attributes);
    },
  },
  batch: alongLeadingAxes,
  samples: [
    { shapes: [[3, 3], [3, 2]], diagonal: [6, 6, 6], attributes: { transpose: false } },
    { shapes: [[3, 3], [3, 2]], diagonal: [6, -6, 6], attributes: { transpose: true } },
    { shapes: [[2, 1, 2, 2], [3, 2, 1]], diagonal: [5, 5], attributes: { transpose: false } },
    { shapes: [[2, 2], [2, 2, 1]], diagonal: [5, 5], attributes: { transpose: true } },
    { shapes: [[0, 0], [0, 2]], attributes: { transpose: false } },
  ],
};
