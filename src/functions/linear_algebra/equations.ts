import { message } from "../../_internal/message.ts";
import { readInteger, readNumber, readOptions } from "../../_internal/readers/mod.ts";
import { operation as op } from "../../primitives/mod.ts";
import { apply } from "../../variable/apply.ts";
import { readOperands, toVariable } from "../../variable/operands.ts";
import type {
  PseudoInverseOptions,
  TriangularSolveOptions,
} from "../../variable/signatures/linear_algebra.ts";
import type { Operand, Variable } from "../../variable/variable.ts";
import { diagonalOf } from "./contraction.ts";

/**
 * Trace: the sum of the diagonal.
 *
 * @param x `[..., m, n]`
 * @returns One number for each matrix
 * @throws {TypeError} If x has less than two axes
 *
 * @example
 * ```ts
 * import { trace } from "@tapegrad/tapegrad";
 *
 * console.log(trace([[1, 2], [3, 4]]).value); // 5
 * ```
 */
export function trace(x: Operand): Variable {
  const a = toVariable(x);
  if (a.rank < 2) {
    throw new TypeError(message`Cannot take the trace: the operand has shape ${a.shape}, not two axes`);
  }
  return diagonalOf(a).sum({ axis: -1 });
}

/**
 * Inverse, by LU with partial pivoting; derivative `-inverse(x) dx inverse(x)`. Prefer `solve` for systems.
 *
 * @param x `[..., n, n]`
 * @returns The same shape and dtype
 * @throws {TypeError} If the matrices are not square
 * @throws {RangeError} If one is singular: a pivot is 0
 *
 * @example
 * ```ts
 * import { inverse } from "@tapegrad/tapegrad";
 *
 * console.log(inverse([[2, 0], [0, 4]]).value); // [[0.5, 0], [0, 0.25]]
 * ```
 */
export function inverse(x: Operand): Variable {
  return apply(op.inverse, [x], undefined);
}

/**
 * The solution x of the linear system `a x = b`, by LU with partial pivoting.
 *
 * @param a `[..., n, n]`
 * @param b One right-hand side `[n]`, or several as columns `[..., n, k]`; leading axes broadcast
 * @returns The shape of b, with the leading axes of both
 * @throws {TypeError} If the shapes do not fit
 * @throws {RangeError} If a matrix is singular: a pivot is 0
 *
 * @example
 * ```ts
 * import { solve } from "@tapegrad/tapegrad";
 *
 * console.log(solve([[2, 0], [0, 4]], [2, 8]).value); // [1, 2]
 * ```
 */
export function solve(a: Operand, b: Operand): Variable {
  return withColumns(a, b, (x, y) => apply(op.solve, [x, y], { transpose: false }));
}

/**
 * The solution x of the triangular system `a x = b`, by substitution. The other triangle of a is not read,
 * and its derivative is 0.
 *
 * @param a `[..., n, n]`
 * @param b One right-hand side `[n]`, or several as columns `[..., n, k]`; leading axes broadcast
 * @param options `upper`, `transpose`, `unitDiagonal`: how a is read; all false by default
 * @returns The shape of b, with the leading axes of both
 * @throws {TypeError} If the shapes do not fit
 * @throws {RangeError} If there is a 0 on the diagonal
 *
 * @example
 * ```ts
 * import { triangularSolve } from "@tapegrad/tapegrad";
 *
 * console.log(triangularSolve([[2, 0], [1, 4]], [2, 9]).value); // [1, 2]
 * ```
 */
export function triangularSolve(
  a: Operand,
  b: Operand,
  options?: TriangularSolveOptions,
): Variable {
  const { upper, transpose, unitDiagonal } = readOptions("triangularSolve", options, {
    upper: false,
    transpose: false,
    unitDiagonal: false,
  });
  const triangle = { upper, transpose, unitDiagonal };
  return withColumns(a, b, (x, y) => apply(op.triangularSolve, [x, y], triangle));
}

/** Gives a vector on the right a column axis, which the result then lacks. */
function withColumns(a: Operand, b: Operand, solve: (a: Variable, b: Variable) => Variable): Variable {
  const [x, y] = readOperands(a, b);
  if (y.rank !== 1) return solve(x, y);
  const solution = solve(x, y.reshape([y.size, 1]));
  return solution.reshape(solution.shape.slice(0, -1));
}

/**
 * Moore-Penrose inverse, by singular values. Its derivative (Golub and Pereyra 1973) holds where the rank does
 * not change, also for a matrix without full rank.
 *
 * @param x `[..., m, n]`
 * @param options `tolerance`: the fraction of the largest singular value up to which others count as 0
 * @returns `[..., n, m]`
 * @throws {TypeError} If x has less than two axes
 * @throws {RangeError} If the tolerance is not from 0 to 1
 *
 * @example
 * ```ts
 * import { pseudoInverse } from "@tapegrad/tapegrad";
 *
 * console.log(pseudoInverse([[2, 0], [0, 0]]).value); // [[0.5, 0], [0, 0]]
 * ```
 */
export function pseudoInverse(x: Operand, options?: PseudoInverseOptions): Variable {
  const a = toVariable(x);
  const rounding = a.dtype === "float64" ? Number.EPSILON : 2 ** -23;
  const { tolerance } = readOptions("pseudoInverse", options, {
    tolerance: Math.min(1, Math.max(0, ...a.shape.slice(-2)) * rounding),
  });
  readNumber("pseudoInverse", "tolerance", tolerance, { min: 0, max: 1 });
  return apply(op.pseudoInverse, [a], { tolerance });
}

/**
 * Least squares: the smallest x of those that minimise `|a x - b|`, by singular values as in NumPy: those up to
 * `max(m, n)` roundings of the largest count as 0. Its derivative (Golub and Pereyra 1973) holds where the rank does
 * not change, also for matrices without full rank.
 *
 * @param a `[..., m, n]`
 * @param b One right-hand side `[m]`, or several as columns `[..., m, k]`; leading axes broadcast
 * @returns `[n]` or `[..., n, k]`
 * @throws {TypeError} If the shapes do not fit
 *
 * @example
 * ```ts
 * import { lstsq } from "@tapegrad/tapegrad";
 *
 * console.log(lstsq([[1, 1], [1, 1]], [2, 4]).value); // about [1.5, 1.5]
 * ```
 */
export function lstsq(a: Operand, b: Operand): Variable {
  return withColumns(a, b, (x, y) => {
    if (x.rank < 2 || y.rank < 2 || x.shape.at(-2) !== y.shape.at(-2)) {
      throw new TypeError(
        message`Cannot solve by least squares: the matrix has shape ${x.shape} and the
        right-hand sides ${y.shape}, they need as many rows`,
      );
    }
    return pseudoInverse(x).matmul(y);
  });
}

/**
 * A matrix to an integer power, by repeated squaring; a negative one is a power of the inverse.
 *
 * @param x `[..., n, n]`
 * @param exponent An integer; 0 gives the identity
 * @returns The same shape and dtype
 * @throws {TypeError} If the matrices are not square
 * @throws {RangeError} If the exponent is not an integer, or is negative and a matrix is singular
 *
 * @example
 * ```ts
 * import { matrixPower } from "@tapegrad/tapegrad";
 *
 * console.log(matrixPower([[1, 1], [1, 0]], 10).value); // [[89, 55], [55, 34]]
 * ```
 */
export function matrixPower(x: Operand, exponent: number): Variable {
  readInteger("matrixPower", "the exponent", exponent);
  const a = toVariable(x);
  op.inverse.shape([a.shape], undefined);
  if (exponent === 0) {
    const n = a.shape.at(-1)!;
    const ones = Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => i === j ? 1 : 0));
    return n === 0 ? a.mul(0) : toVariable(ones, a.dtype).broadcastTo(a.shape);
  }
  let square = exponent < 0 ? inverse(a) : a;
  let result: Variable | undefined;
  for (let rest = Math.abs(exponent); rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = result === undefined ? square : result.matmul(square);
    if (rest > 1) square = square.matmul(square);
  }
  return result!;
}

/**
 * Exponential of a matrix, `I + x + x^2 / 2 + ...`, by a Pade approximant with scaling and squaring (Higham
 * 2005). Its derivative is read from the exponential of a block matrix twice the size.
 *
 * @param x `[..., n, n]`
 * @returns The same shape and dtype
 * @throws {TypeError} If the matrices are not square
 *
 * @example
 * ```ts
 * import { matrixExp } from "@tapegrad/tapegrad";
 *
 * console.log(matrixExp([[0, 1], [0, 0]]).value); // [[1, 1], [0, 1]]
 * ```
 */
export function matrixExp(x: Operand): Variable {
  return apply(op.matrixExp, [x], undefined);
}
