import { message } from "../../_internal/message.ts";
import { pseudoInverseArray } from "../../array/linear_algebra/svd.ts";
import { LEFT, PLAIN, RIGHT, transposeMatrix } from "./matrix_rules.ts";
import { alongLeadingAxes } from "../batching.ts";
import type { Primitive } from "../primitive.ts";
import { toArray } from "../../array/value.ts";

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
