import { message } from "../../_internal/message.ts";
import { matmulArrays, type MatmulTransposes } from "../../array/linear_algebra/matmul.ts";
import { broadcastShapes, type Shape } from "../../array/shape.ts";
import { alongLeadingAxes } from "../batching.ts";
import type { Primitive } from "../primitive.ts";
import { toArray } from "../../array/value.ts";

const PLAIN: MatmulTransposes = { transposeX: false, transposeY: false };

/** Matrix product, batched over the leading axes; each operand can be read as its transpose. */
export const matmul: Primitive<2, MatmulTransposes> = {
  arity: 2,
  shape: ([x, y], { transposeX, transposeY }) => {
    if (x.length < 2 || y.length < 2) {
      throw new TypeError(
        message`Cannot multiply matrices: shapes ${x} and ${y} must have at least two
        axes, reshape first`,
      );
    }
    const [rows, depth] = matrixShape(x, transposeX);
    const [yDepth, columns] = matrixShape(y, transposeY);
    if (depth !== yDepth) {
      throw new TypeError(
        message`Cannot multiply matrices: inner dimensions differ,
        ${x}${transposeX ? " transposed" : ""} and ${y}${transposeY ? " transposed" : ""}`,
      );
    }
    return [...broadcastShapes("matmul", x.slice(0, -2), y.slice(0, -2)), rows, columns];
  },
  forward: ([x, y], transposes, shape, dtype) =>
    matmulArrays(toArray(x), toArray(y), transposes, shape, dtype),
  vjp: [
    ({ ops, y, attributes: { transposeX, transposeY } }, g) =>
      transposeX
        ? ops.matmul(y, g, { transposeX: transposeY, transposeY: true })
        : ops.matmul(g, y, { transposeX: false, transposeY: !transposeY }),
    ({ ops, x, attributes: { transposeX, transposeY } }, g) =>
      transposeY
        ? ops.matmul(g, x, { transposeX: true, transposeY: transposeX })
        : ops.matmul(x, g, { transposeX: !transposeX, transposeY: false }),
  ],
  linear: true,
  batch: alongLeadingAxes,
  samples: [
    { shapes: [[2, 3], [3, 5]], attributes: PLAIN },
    { shapes: [[3, 2], [3, 4]], attributes: { transposeX: true, transposeY: false } },
    { shapes: [[2, 3], [4, 3]], attributes: { transposeX: false, transposeY: true } },
    { shapes: [[3, 2], [4, 3]], attributes: { transposeX: true, transposeY: true } },
    { shapes: [[2, 2, 3], [3, 2]], attributes: PLAIN },
    { shapes: [[2, 1, 2, 3], [3, 3, 1]], attributes: PLAIN },
    { shapes: [[1, 1], [1, 1]], attributes: PLAIN },
    { shapes: [[2, 0], [0, 3]], attributes: PLAIN },
    { shapes: [[9, 8], [8, 10]], attributes: PLAIN },
    { shapes: [[8, 9], [2, 9, 8]], attributes: { transposeX: true, transposeY: true } },
  ],
};

/** Rows and columns of a matrix as it is read. */
function matrixShape(shape: Shape, transposed: boolean): [number, number] {
  const [rows, columns] = shape.slice(-2) as [number, number];
  return transposed ? [columns, rows] : [rows, columns];
}
