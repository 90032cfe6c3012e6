import { message } from "../../_internal/message.ts";
import { svdArray } from "../../array/linear_algebra/svd.ts";
import {
  divideByDifferences,
  divideOrZero,
  LEFT,
  orUndetermined,
  PLAIN,
  RIGHT,
  rowsOf,
  stackRows,
  sumRows,
  symmetricPart,
  transposeMatrix,
  withoutRounding,
} from "./matrix_rules.ts";
import { alongLeadingAxes } from "../batching.ts";
import type { Ops, Primitive, RuleContext } from "../primitive.ts";
import { toArray } from "../../array/value.ts";

/**
 * Left vectors, singular values and right vectors, one over the other, of each matrix with at least as many
 * rows as columns.
 */
export const svd: Primitive<1> = {
  arity: 1,
  shape: ([shape]) => {
    const [m, n] = shape.slice(-2) as [number, number];
    if (shape.length < 2 || m < n) {
      throw new TypeError(
        message`Cannot take the singular values: the operand has shape ${shape}, matrices
        need at least as many rows as columns`,
      );
    }
    return [...shape.slice(0, -2), m + 1 + n, n];
  },
  forward: ([x], _, shape, dtype) => svdArray(toArray(x), shape, dtype),
  // Townsend, "Differentiating the singular value decomposition", 2016, with 1 / (s_j^2 - s_i^2) taken apart:
  // its factor 1 / (s_j + s_i) stays finite where two values are equal.
  vjp: [<T>(c: RuleContext<T, undefined>, g: T): T => {
    const { ops } = c;
    const [u, values, v] = parts(c, c.output);
    const s = withoutRounding(ops, values);
    const [gu, gs, gv] = parts(c, g);
    const left = ops.matmul(u, gu, LEFT);
    const right = ops.matmul(v, gv, LEFT);
    const apart = divideByDifferences(ops, ops.add(left, right), s);
    const together = divideBySums(ops, antisymmetricPart(ops, ops.sub(left, right)), s);
    const inner = ops.add(symmetricPart(ops, apart), together);
    const turned = ops.add(ops.matmul(u, inner, PLAIN), ops.mul(u, gs));
    const outside = (): T => divideOrZero(ops, ops.sub(gu, ops.matmul(u, left, PLAIN)), s);
    const derivative = ops.matmul(isSquare(c) ? turned : ops.add(turned, outside()), v, RIGHT);
    return orUndetermined(ops, derivative, isSquare(c) ? 1 : 0, s, gs, [gu, gv]);
  }],
  jvp: [<T>(c: RuleContext<T, undefined>, dx: T): T => {
    const { ops } = c;
    const [u, values, v] = parts(c, c.output);
    const s = withoutRounding(ops, values);
    const moved = ops.matmul(dx, v, PLAIN);
    const inner = ops.matmul(u, moved, LEFT);
    const apart = divideByDifferences(ops, symmetricPart(ops, inner), s);
    const together = divideBySums(ops, antisymmetricPart(ops, inner), s);
    const turned = ops.matmul(u, ops.add(apart, together), PLAIN);
    const outside = (): T => divideOrZero(ops, ops.sub(moved, ops.matmul(u, inner, PLAIN)), s);
    return stackRows(ops, [
      isSquare(c) ? turned : ops.add(turned, outside()),
      sumRows(ops, ops.mul(u, moved)),
      ops.matmul(v, ops.sub(apart, together), PLAIN),
    ]);
  }],
  batch: alongLeadingAxes,
  samples: [
    { shapes: [[4, 3]], diagonal: [5, 11, 17] },
    { shapes: [[3, 3]], diagonal: [5, 11, 17] },
    { shapes: [[2, 3, 2]], diagonal: [10, 3] },
    { shapes: [[1, 1]], domains: [[1, 2]] },
    { shapes: [[2, 0]] },
  ],
};

/** Left vectors, singular values (a matrix of one row) and right vectors. */
function parts<T>({ ops, shapes: [shape] }: RuleContext<T, undefined>, packed: T): [T, T, T] {
  const [m, n] = shape!.slice(-2) as [number, number];
  return [rowsOf(ops, packed, 0, m), rowsOf(ops, packed, m, 1), rowsOf(ops, packed, m + 1, n)];
}

/** Whether the left vectors span everything, so that a change never leads outside of them. */
function isSquare<T>({ shapes: [shape] }: RuleContext<T, undefined>): boolean {
  return shape!.at(-1) === shape!.at(-2);
}

/** `m[i, j] / (s[i] + s[j])`. */
function divideBySums<T>(ops: Ops<T>, m: T, row: T): T {
  return divideOrZero(ops, m, ops.add(row, transposeMatrix(ops, row)));
}

/** Half the difference of each matrix and its transpose. */
function antisymmetricPart<T>(ops: Ops<T>, x: T): T {
  return ops.mul(ops.sub(x, transposeMatrix(ops, x)), 0.5);
}
