/** Linear equations, and inverses. */
import { message } from "../../_internal/message.ts";
import {
  inverseArray,
  solveArrays,
  type Triangle,
  triangularSolveArrays,
} from "../../array/linear_algebra/triangular.ts";
import { pseudoInverseArray } from "../../array/linear_algebra/svd.ts";
import { broadcastShapes, type Shape } from "../../array/shape.ts";
import { toArray } from "../../array/value.ts";
import { alongLeadingAxes } from "../batching.ts";
import { checkSquare, LEFT, PLAIN, RIGHT, transposeMatrix } from "./matrix_rules.ts";
import type { Primitive, RuleContext } from "../primitive.ts";

/** The shape of the solution of a linear system, batched over the leading axes. */
function solutionShape(operation: string, a: Shape, b: Shape): Shape {
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

/** The inverse of each matrix. */
export const inverse: Primitive<1> = {
  arity: 1,
  shape: ([shape]) => checkSquare("invert", shape),
  forward: ([x], _, __, dtype) => inverseArray(toArray(x), dtype),
  // Giles 2008, section 2.2.3.
  vjp: [({ ops, output }, g) => ops.neg(ops.matmul(ops.matmul(output, g, LEFT), output, RIGHT))],
  jvp: [({ ops, output }, dx) => ops.neg(ops.matmul(ops.matmul(output, dx, PLAIN), output, PLAIN))],
  batch: alongLeadingAxes,
  samples: [
    { shapes: [[3, 3]], diagonal: [6, -6, 6] },
    { shapes: [[2, 2, 2]], diagonal: [5, 5] },
    { shapes: [[1, 1]], domains: [[1, 2]] },
    { shapes: [[0, 0]] },
  ],
};

/** The Moore-Penrose inverse of each matrix. */
export const pseudoInverse: Primitive<1, { readonly tolerance: number }> = {
  arity: 1,
  shape: ([shape]) => {
    if (shape.length < 2) {
      throw new TypeError(
        message`Cannot take the pseudo-inverse: the operand has shape ${shape}, matrices
        need two axes`,
      );
    }
    return [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!];
  },
  forward: ([x], { tolerance }, shape, dtype) => pseudoInverseArray(toArray(x), tolerance, shape, dtype),
  // Golub and Pereyra, "The differentiation of pseudo-inverses and nonlinear least squares problems", 1973:
  // dP = -P dA P + P P' dA' (I - A P) + (I - P A) dA' P' P, where the rank does not change.
  vjp: [({ ops, x: a, output: p }, g) => {
    const gt = transposeMatrix(ops, g);
    const first = ops.matmul(ops.matmul(p, g, LEFT), p, RIGHT);
    const gp = ops.matmul(ops.matmul(gt, p, PLAIN), p, RIGHT);
    const second = ops.sub(gp, ops.matmul(a, ops.matmul(p, gp, PLAIN), PLAIN));
    const pg = ops.matmul(ops.matmul(p, p, LEFT), gt, PLAIN);
    const third = ops.sub(pg, ops.matmul(ops.matmul(pg, p, PLAIN), a, PLAIN));
    return ops.sub(ops.add(second, third), first);
  }],
  jvp: [({ ops, x: a, output: p }, da) => {
    const dat = transposeMatrix(ops, da);
    const first = ops.matmul(ops.matmul(p, da, PLAIN), p, PLAIN);
    const pd = ops.matmul(p, ops.matmul(p, dat, LEFT), PLAIN);
    const second = ops.sub(pd, ops.matmul(ops.matmul(pd, a, PLAIN), p, PLAIN));
    const dp = ops.matmul(ops.matmul(dat, p, RIGHT), p, PLAIN);
    const third = ops.sub(dp, ops.matmul(p, ops.matmul(a, dp, PLAIN), PLAIN));
    return ops.sub(ops.add(second, third), first);
  }],
  batch: alongLeadingAxes,
  samples: [
    { shapes: [[4, 3]], diagonal: [5, 5, 5], attributes: { tolerance: 1e-14 } },
    { shapes: [[2, 2, 3]], diagonal: [5, 5], attributes: { tolerance: 1e-14 } },
    { shapes: [[2, 2]], diagonal: [5, 5], attributes: { tolerance: 1e-14 } },
    { shapes: [[0, 2]], attributes: { tolerance: 1e-14 } },
  ],
};
