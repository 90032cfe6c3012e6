import { operation as op } from "../../primitives/mod.ts";
import { apply } from "../../variable/apply.ts";
import type { SignAndLogDeterminant } from "../../variable/signatures/linear_algebra.ts";
import type { Operand, Variable } from "../../variable/variable.ts";

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
