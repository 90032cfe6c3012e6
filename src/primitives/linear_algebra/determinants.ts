/** Determinants, and the cofactors that are their derivatives. */
import { message } from "../../_internal/message.ts";
import { cofactorArrays } from "../../array/linear_algebra/cofactor.ts";
import { determinantArray, logDeterminantArray } from "../../array/linear_algebra/triangular.ts";
import { sameShape } from "../../array/shape.ts";
import { toArray } from "../../array/value.ts";
import { alongLeadingAxes, everyBatched } from "../batching.ts";
import { checkSquare, perMatrix, sumMatrix, transposeMatrix } from "./matrix_rules.ts";
import type { Primitive, RuleContext } from "../primitive.ts";

/** The determinant of each matrix. */
export const determinant: Primitive<1> = {
  arity: 1,
  shape: ([shape]) => checkSquare("take the determinant", shape).slice(0, -2),
  forward: ([x], _, shape, dtype) => determinantArray(toArray(x), shape, dtype),
  // Jacobi's formula with the cofactors themselves, not the inverse: right for singular matrices too.
  vjp: [({ ops, x }, g) => ops.mul(perMatrix(ops, g), ops.cofactor([x]))],
  jvp: [({ ops, x }, dx) => sumMatrix(ops, ops.mul(ops.cofactor([x]), dx))],
  batch: alongLeadingAxes,
  samples: [
    { shapes: [[1, 1]] },
    { shapes: [[2, 2]] },
    { shapes: [[2, 3, 3]] },
    { shapes: [[4, 4]] },
    { shapes: [[5, 5]] },
    { shapes: [[0, 0]] },
  ],
};

/** The sign of the determinant of each matrix: -1, 0 or 1. */
export const determinantSign: Primitive<1> = {
  arity: 1,
  shape: ([shape]) => checkSquare("take the determinant", shape).slice(0, -2),
  forward: ([x], _, shape, dtype) => logDeterminantArray(toArray(x), shape, dtype, "sign"),
  vjp: [null],
  jvp: [null],
  batch: alongLeadingAxes,
  samples: [{ shapes: [[3, 3]], diagonal: [6, -6, 6] }, { shapes: [[2, 2, 2]], diagonal: [5, 5] }],
};

/** The logarithm of the size of the determinant of each matrix. */
export const logDeterminant: Primitive<1> = {
  arity: 1,
  shape: ([shape]) => checkSquare("take the determinant", shape).slice(0, -2),
  forward: ([x], _, shape, dtype) => logDeterminantArray(toArray(x), shape, dtype, "log"),
  vjp: [({ ops, x }, g) => ops.mul(perMatrix(ops, g), transposeMatrix(ops, ops.inverse(x)))],
  jvp: [({ ops, x }, dx) => sumMatrix(ops, ops.mul(transposeMatrix(ops, ops.inverse(x)), dx))],
  batch: alongLeadingAxes,
  samples: [
    { shapes: [[3, 3]], diagonal: [6, -6, 6] },
    { shapes: [[2, 2, 2]], diagonal: [5, 5] },
    { shapes: [[0, 0]] },
  ],
};

/**
 * The derivative of the cofactor matrix of the first operand in the directions of the others. The cofactors
 * are the gradient of the determinant, so this is a derivative of the determinant of order `k + 1` with one
 * slot left free: it is linear in each direction, and symmetric in all of them and the free slot. Hence each
 * rule is the operation itself with one more direction, or another one.
 */
export const cofactor: Primitive<"list"> = {
  arity: "list",
  shape: (shapes) => {
    const first = checkSquare("take the cofactors", shapes[0]!);
    if (shapes.every((shape) => sameShape(shape, first))) return first;
    throw new TypeError(message`Cannot take the cofactors: shapes ${shapes} must be equal`);
  },
  forward: ([a, ...v], _, shape, dtype) => cofactorArrays(toArray(a!), v.map(toArray), shape, dtype),
  vjp: [withDirection],
  jvp: [withDirection],
  batch: (c) => c.ops.cofactor(everyBatched(c)),
  samples: [
    { shapes: [[1, 1]] },
    { shapes: [[3, 3]] },
    { shapes: [[2, 4, 4]] },
    { shapes: [[3, 3], [3, 3]] },
    { shapes: [[4, 4], [4, 4], [4, 4]] },
  ],
};

function withDirection<T>({ ops, inputs }: RuleContext<T, undefined>, direction: T, k: number): T {
  return ops.cofactor([...inputs.filter((_, i) => i === 0 || i !== k), direction]);
}
