import type { Body, Tensor } from "../body.ts";

/** The last two axes exchanged. */
export function transposed(body: Body, x: Tensor): Tensor {
  const rank = x.shape.length;
  return body.transpose(x, x.shape.map((_, i) => i < rank - 2 ? i : 2 * rank - 3 - i));
}

/** Ones on the diagonals of matrices of a shape. */
export function unitMatrices(body: Body, shape: readonly number[], type: Tensor["type"]): Tensor {
  const matrix = shape.slice(-2);
  const isDiagonal = body.compare("EQ", body.iota(matrix, 0, "i32"), body.iota(matrix, 1, "i32"));
  return body.broadcast(body.convert(isDiagonal, type), shape);
}

/** Products as they are, or with the first or second operand transposed. */
export const PLAIN = { transposeX: false, transposeY: false } as const;
export const LEFT = { transposeX: true, transposeY: false } as const;
export const RIGHT = { transposeX: false, transposeY: true } as const;
