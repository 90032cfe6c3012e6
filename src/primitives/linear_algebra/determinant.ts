import { determinantArray } from "../../array/linear_algebra/triangular.ts";
import { checkSquare, perMatrix, sumMatrix } from "./matrix_rules.ts";
import { alongLeadingAxes } from "../batching.ts";
import type { Primitive } from "../primitive.ts";
import { toArray } from "../../array/value.ts";

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
