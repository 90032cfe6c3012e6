import { determinant, dot, einsum, matmul } from "../../../functions/mod.ts";
import type { Variable } from "../../../variable/mod.ts";
import type { Reader, Reading } from "./reading.ts";

/** alpha x y + beta z. */
function gemm(r: Reading): Variable {
  const read = (x: Variable, name: string): Variable => r.flag(name) ? x.transpose() : x;
  const scaled = (x: Variable, factor: number): Variable => factor === 1 ? x : x.mul(factor);
  const product = scaled(matmul(read(r.x, "transA"), read(r.y, "transB")), r.number("alpha", 1));
  return r.has(2) ? product.add(scaled(r.variable(2), r.number("beta", 1))) : product;
}

/** Vectors are matrices of one row, or of one column, which is dropped again. */
function product(x: Variable, y: Variable): Variable {
  if (x.rank === 1 && y.rank === 1) return dot(x, y);
  if (x.rank === 1) return matmul(x.expandDims(0), y).squeeze(-2);
  if (y.rank === 1) return matmul(x, y.expandDims(1)).squeeze(-1);
  return matmul(x, y);
}

/** Operators on matrices. */
export const LINEAR_ALGEBRA: Readonly<Record<string, Reader>> = {
  Det: (r) => r.like(determinant(r.x)),
  Einsum: (r) => r.like(einsum(r.text("equation", ""), ...r.all)),
  Gemm: (r) => r.like(gemm(r)),
  MatMul: (r) => r.like(product(r.x, r.y)),
};
