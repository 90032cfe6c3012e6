import type { Tensor } from "../body.ts";
import { LEFT, PLAIN, RIGHT, unitMatrices } from "./matrices.ts";
import { triangleMask } from "./shapes.ts";
import type { Writing } from "./writing.ts";

/**
 * Q and R of matrices `[count, rows, columns]` by Householder reflections (Golub and Van Loan, section 5.2), for all at
 * once; the diagonal of R is not negative.
 */
export function householder({ body, ops, type }: Writing<unknown>, m: Tensor): { q: Tensor; r: Tensor } {
  const [count, rows, columns] = m.shape as [number, number, number];
  const unit = (size: number): Tensor => unitMatrices(body, [count, size, size], type);
  const [reduced, turned] = body.repeat(columns, [m, unit(rows)], [], (k, [a, q]) => {
    const origin = body.constant(0, [], "i32");
    const index = body.iota([count, rows, 1], 1, "i32");
    const here = body.broadcast(k, [count, rows, 1]);
    const zeros = body.constant(0, [count, rows, 1], type);
    const column = body.dynamicSlice(a!, [origin, origin, k], [count, rows, 1]);
    const below = body.select(body.compare("GE", index, here), column, zeros);
    const length = ops.norm(below, { axes: [1], keepDims: true, order: 2 });
    const head = body.dynamicSlice(column, [origin, k, origin], [count, 1, 1]);
    const aim = ops.where(ops.gt(head, 0), ops.neg(length), length);
    const isHere = body.compare("EQ", index, here);
    const v = ops.sub(below, body.select(isHere, body.broadcast(aim, zeros.shape), zeros));
    // Of length 1, so that nothing overflows.
    const size = ops.norm(v, { axes: [1], keepDims: true, order: 2 });
    const normal = ops.div(v, ops.where(size, size, 1));
    const twice = ops.mul(normal, 2);
    return [
      ops.sub(a!, ops.matmul(twice, ops.matmul(normal, a!, LEFT), PLAIN)),
      ops.sub(q!, ops.matmul(ops.matmul(q!, twice, PLAIN), normal, RIGHT)),
    ];
  }) as [Tensor, Tensor];
  const square = body.part(reduced, 1, 0, columns);
  const mask = triangleMask(body, square.shape, true, 0);
  const upper = body.select(mask, square, body.constant(0, square.shape, type));
  const diagonal = ops.sum(ops.mul(upper, unit(columns)), { axes: [2], keepDims: false });
  const signs = ops.where(ops.lt(diagonal, 0), -1, 1);
  return {
    q: ops.mul(body.part(turned, 2, 0, columns), body.reshape(signs, [count, 1, columns])),
    r: ops.mul(upper, body.reshape(signs, [count, columns, 1])),
  };
}
