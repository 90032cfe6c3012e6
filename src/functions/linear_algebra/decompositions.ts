/** Matrices as products of simpler ones, and their determinants. */
import { message } from "../../_internal/message.ts";
import { operation as op } from "../../primitives/mod.ts";
import { apply } from "../../variable/apply.ts";
import { toVariable } from "../../variable/operands.ts";
import type {
  Eigendecomposition,
  QrDecomposition,
  SignAndLogDeterminant,
  SingularValueDecomposition,
} from "../../variable/signatures/linear_algebra.ts";
import type { Operand, Variable } from "../../variable/variable.ts";

/**
 * Cholesky factor: the lower triangular L with `L transpose(L) = x`. The symmetric part of x is factored, so
 * the derivative is symmetric (Murray 2016).
 *
 * @param x Symmetric and positive definite, `[..., n, n]`
 * @returns The same shape and dtype
 * @throws {TypeError} If the matrices are not square
 * @throws {RangeError} If one is not positive definite: a pivot is not above 0
 *
 * @example
 * ```ts
 * import { cholesky } from "@tapegrad/tapegrad";
 *
 * console.log(cholesky([[4, 2], [2, 5]]).value); // [[2, 0], [1, 2]]
 * ```
 */
export function cholesky(x: Operand): Variable {
  return apply(op.cholesky, [x], undefined);
}

/**
 * Reduced QR decomposition by Householder reflections, made unique by a diagonal of R that is not negative.
 * It has a derivative (Walter and Lehmann 2012) where the first `min(m, n)` columns are independent; asking for
 * it elsewhere is a RangeError.
 *
 * @param x `[..., m, n]`
 * @returns `q` and `r`
 * @throws {TypeError} If x has less than two axes
 *
 * @example
 * ```ts
 * import { qr } from "@tapegrad/tapegrad";
 *
 * console.log(qr([[0, 2], [3, 0]]).r.value); // [[3, 0], [0, 2]]
 * ```
 */
export function qr(x: Operand): QrDecomposition {
  const a = checkMatrix("take the QR decomposition", x);
  const [m, n] = a.shape.slice(-2) as [number, number];
  if (m >= n) {
    const packed = apply(op.qr, [a], undefined);
    return { q: block(packed, -2, 0, m), r: block(packed, -2, m, n) };
  }
  // The columns on the left decide on Q; R has the others as Q sees them.
  const { q, r } = qr(block(a, -1, 0, m));
  const rest = apply(op.matmul, [q, block(a, -1, m, n - m)], { transposeX: true, transposeY: false });
  return { q, r: apply(op.concat, [r, rest], { axis: a.rank - 1 }) };
}

/**
 * Eigenvalues and eigenvectors of symmetric matrices, by Jacobi rotations. The symmetric part of x is read, so
 * the derivative is symmetric. The largest element of each vector is positive.
 *
 * Vectors of equal eigenvalues are not unique: derivatives through them, forwards and backwards, are NaN, also where a
 * function of the whole matrix is made of them again. Derivatives of the eigenvalues alone are finite; the sorted eigenvalues have a kink where two are
 * equal, and there the derivative is that of the vectors found, right for symmetric functions of all values.
 *
 * @param x Symmetric, `[..., n, n]`
 * @returns `values` and `vectors`
 * @throws {TypeError} If the matrices are not square
 *
 * @example
 * ```ts
 * import { eigh } from "@tapegrad/tapegrad";
 *
 * console.log(eigh([[2, 0], [0, 1]]).values.value); // [1, 2]
 * ```
 */
export function eigh(x: Operand): Eigendecomposition {
  const packed = apply(op.eigh, [x], undefined);
  const n = packed.shape.at(-1)!;
  return { values: rowOf(packed, 0), vectors: block(packed, -2, 1, n) };
}

/**
 * Reduced singular value decomposition, by one-sided Jacobi rotations. The largest element of each vector in v
 * (in u, for more columns than rows) is positive.
 *
 * Vectors of equal singular values, or of several that are 0 (of one, where the matrix is not square), are not
 * unique: derivatives through them, forwards and backwards, are NaN, also where a function of the whole matrix is made
 * of them again. Derivatives of the singular values alone are finite; that of a singular value 0 is
 * `u transpose(v)`, one of its subgradients.
 *
 * @param x `[..., m, n]`
 * @returns `u`, `s` and `v`
 * @throws {TypeError} If x has less than two axes
 *
 * @example
 * ```ts
 * import { svd } from "@tapegrad/tapegrad";
 *
 * console.log(svd([[0, 2], [3, 0]]).s.value); // [3, 2]
 * ```
 */
export function svd(x: Operand): SingularValueDecomposition {
  const a = checkMatrix("take the singular values", x);
  const [m, n] = a.shape.slice(-2) as [number, number];
  if (m < n) {
    const { u, s, v } = svd(a.transpose(a.shape.map((_, i) => i < a.rank - 2 ? i : 2 * a.rank - 3 - i)));
    return { u: v, s, v: u };
  }
  const packed = apply(op.svd, [a], undefined);
  return { u: block(packed, -2, 0, m), s: rowOf(packed, m), v: block(packed, -2, m + 1, n) };
}

/**
 * Singular values, as in {@linkcode svd}.
 *
 * @param x `[..., m, n]`
 * @returns `[..., min(m, n)]`, descending
 * @throws {TypeError} If x has less than two axes
 *
 * @example
 * ```ts
 * import { singularValues } from "@tapegrad/tapegrad";
 *
 * console.log(singularValues([[0, 2], [3, 0]]).value); // [3, 2]
 * ```
 */
export function singularValues(x: Operand): Variable {
  return svd(x).s;
}

function checkMatrix(action: string, x: Operand): Variable {
  const a = toVariable(x);
  if (a.rank >= 2) return a;
  throw new TypeError(
    message`Cannot ${action}: the operand has shape ${a.shape}, matrices need two axes`,
  );
}

/** Some of the rows (axis -2) or columns (axis -1) of each matrix. */
function block(x: Variable, axis: -1 | -2, first: number, count: number): Variable {
  const at = x.rank + axis;
  return x.slice(
    x.shape.map((_, i) => i === at ? first : 0),
    x.shape.map((length, i) => i === at ? count : length),
  );
}

/** One row of each matrix. */
function rowOf(x: Variable, index: number): Variable {
  return block(x, -2, index, 1).reshape([...x.shape.slice(0, -2), x.shape.at(-1)!]);
}

/**
 * Determinant. Its gradient is the matrix of cofactors, which is right for singular matrices too, to any order
 * of differentiation.
 *
 * @param x `[..., n, n]`
 * @returns One number for each matrix
 * @throws {TypeError} If the matrices are not square
 *
 * @example
 * ```ts
 * import { determinant } from "@tapegrad/tapegrad";
 *
 * console.log(determinant([[1, 2], [3, 4]]).value); // -2
 * ```
 */
export function determinant(x: Operand): Variable {
  return apply(op.determinant, [x], undefined);
}

/**
 * Logarithm of the size of the determinant, without overflow; derivative `transpose(inverse(x))`. -Infinity for
 * a singular matrix, which has no derivative: asking for it is a RangeError.
 *
 * @param x `[..., n, n]`
 * @returns One number for each matrix
 * @throws {TypeError} If the matrices are not square
 *
 * @example
 * ```ts
 * import { logDeterminant } from "@tapegrad/tapegrad";
 *
 * console.log(logDeterminant([[0, 1], [1, 0]]).value); // 0
 * ```
 */
export function logDeterminant(x: Operand): Variable {
  return apply(op.logDeterminant, [x], undefined);
}

/**
 * Sign of the determinant and logarithm of its size, as in {@linkcode logDeterminant}.
 *
 * @param x `[..., n, n]`
 * @returns `sign` and `logDeterminant`, one number for each matrix
 * @throws {TypeError} If the matrices are not square
 *
 * @example
 * ```ts
 * import { signAndLogDeterminant } from "@tapegrad/tapegrad";
 *
 * const { sign, logDeterminant } = signAndLogDeterminant([[0, 1], [1, 0]]);
 * console.log(sign.value, logDeterminant.value); // -1 0
 * ```
 */
export function signAndLogDeterminant(x: Operand): SignAndLogDeterminant {
  return { sign: apply(op.determinantSign, [x], undefined), logDeterminant: logDeterminant(x) };
}
