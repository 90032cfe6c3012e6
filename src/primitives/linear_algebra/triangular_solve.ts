import type { Triangle } from "../../array/linear_algebra/triangular.ts";
import { triangularSolveArrays } from "../../array/linear_algebra/triangular.ts";
import { alongLeadingAxes } from "../batching.ts";
import { PLAIN, RIGHT } from "./matrix_rules.ts";
import type { Primitive, RuleContext } from "../primitive.ts";
import { toArray } from "../../array/value.ts";
import { solutionShape } from "./solve.ts";

/** The solution of a linear system of which only one triangle is read. */
export const triangularSolve: Primitive<2, Triangle> = {
  arity: 2,
  shape: ([a, b]) => solutionShape("triangularSolve", a, b),
  forward: ([a, b], triangle, shape, dtype) =>
    triangularSolveArrays(toArray(a), toArray(b), triangle, shape, dtype),
  joint: {
    vjp: (c, g, [byMatrix]) => {
      const { ops, x: a, output, attributes } = c;
      const gb = ops.triangularSolve(a, g, transposed(attributes));
      if (!byMatrix) return [undefined, gb];
      const product = attributes.transpose ? ops.matmul(output, gb, RIGHT) : ops.matmul(gb, output, RIGHT);
      return [ops.neg(partRead(c, product)), gb];
    },
    jvp: (c, [da, db]) => {
      const { ops, x: a, output, attributes } = c;
      if (da === undefined) return db === undefined ? undefined : ops.triangularSolve(a, db, attributes);
      const moved = ops.matmul(partRead(c, da), output, { ...PLAIN, transposeX: attributes.transpose });
      return ops.triangularSolve(a, db === undefined ? ops.neg(moved) : ops.sub(db, moved), attributes);
    },
  },
  batch: alongLeadingAxes,
  samples: [
    {
      shapes: [[3, 3], [3, 2]],
      diagonal: [6, -6, 6],
      attributes: { upper: false, transpose: false, unitDiagonal: false },
    },
    {
      shapes: [[3, 3], [3, 2]],
      diagonal: [6, -6, 6],
      attributes: { upper: true, transpose: true, unitDiagonal: false },
    },
    {
      shapes: [[2, 3, 3], [3, 1]],
      diagonal: [6, -6, 6],
      attributes: { upper: true, transpose: false, unitDiagonal: false },
    },
    { shapes: [[3, 3], [2, 3, 1]], attributes: { upper: false, transpose: true, unitDiagonal: true } },
    { shapes: [[3, 3], [3, 1]], attributes: { upper: true, transpose: false, unitDiagonal: true } },
  ],
};

function transposed(triangle: Triangle): Triangle {
  return { ...triangle, transpose: !triangle.transpose };
}

/** Zeros where the matrix is not read. */
function partRead<T>({ ops, attributes }: RuleContext<T, Triangle>, x: T): T {
  const { upper, unitDiagonal } = attributes;
  return ops.triangle(x, { upper, diagonal: unitDiagonal ? (upper ? 1 : -1) : 0 });
}
