import { message } from "../../_internal/message.ts";
import { allocate, type DType } from "../dtype.ts";
import { checkPivots, substitute, type Triangle } from "./lu.ts";
import { batchOffsets } from "./matmul.ts";
import { eachMatrix, nameMatrix, readMatrix } from "./matrices.ts";
import { NdArray } from "../nd_array.ts";
import { type Shape, sizeOf } from "../shape.ts";

/** Solves triangular systems for matrices b, batched with broadcasting. */
export function triangularSolveArrays(
  a: NdArray,
  b: NdArray,
  triangle: Triangle,
  shape: Shape,
  dtype: DType,
): NdArray {
  const n = shape[shape.length - 2]!;
  const columns = shape[shape.length - 1]!;
  const out = allocate(dtype, sizeOf(shape));
  const batch = shape.slice(0, -2);
  const aOffsets = batchOffsets(a, batch, n * n);
  const bOffsets = batchOffsets(b, batch, n * columns);
  const matrix = new Float64Array(n * n);
  const x = new Float64Array(n * columns);
  for (let i = 0; i < aOffsets.length; i++) {
    readMatrix(a.data, aOffsets[i]!, matrix);
    if (!triangle.unitDiagonal) {
      checkPivots(triangle.action ?? "solve the triangular system", matrix, n, i, aOffsets.length);
    }
    readMatrix(b.data, bOffsets[i]!, x);
    substitute(matrix, n, x, columns, triangle);
    out.set(x, i * n * columns);
  }
  return new NdArray(out, shape);
}

/** Each matrix with zeros outside its lower (or upper) triangle up to (or from) a diagonal. */
export function triangleArray(a: NdArray, upper: boolean, diagonal: number): NdArray {
  const [rows, columns] = a.shape.slice(-2) as [number, number];
  const out = a.data.slice();
  for (let start = 0; start < out.length; start += rows * columns) {
    for (let i = 0; i < rows; i++) {
      const at = start + i * columns;
      const edge = Math.min(columns, Math.max(0, upper ? i + diagonal : i + diagonal + 1));
      if (upper) out.fill(0, at, at + edge);
      else out.fill(0, at + edge, at + columns);
    }
  }
  return new NdArray(out, a.shape);
}

/** The lower Cholesky factor of the symmetric part of each matrix. */
export function choleskyArray(a: NdArray, dtype: DType): NdArray {
  const n = a.shape[a.shape.length - 1]!;
  const count = sizeOf(a.shape.slice(0, -2));
  return eachMatrix(a, a.shape, n * n, dtype, (m, out, at, index) => {
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        let sum = (m[i * n + j]! + m[j * n + i]!) / 2;
        for (let k = 0, p = i * n, q = j * n; k < j; k++) sum -= m[p++]! * m[q++]!;
        if (i !== j) {
          m[i * n + j] = sum / m[j * n + j]!;
          continue;
        }
        if (!(sum > 0)) {
          throw new RangeError(
            message`Cannot take the Cholesky factor: ${nameMatrix(index, count)} is not
            positive definite, pivot ${i} is ${sum}; add a small multiple of the identity, or check the
            matrix`,
          );
        }
        m[i * n + i] = Math.sqrt(sum);
      }
    }
    for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) out[at + i * n + j] = m[i * n + j]!;
  });
}
