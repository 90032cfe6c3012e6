import { operation as op } from "../../primitives/mod.ts";
import { unary } from "../../variable/apply.ts";
import type { Operand, Variable } from "../../variable/variable.ts";

/**
 * Largest integer that is not above x; the derivative is 0 everywhere.
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { floor } from "@tapegrad/tapegrad";
 *
 * console.log(floor(-1.5).value); // -2
 * ```
 */
export function floor(x: Operand): Variable {
  return unary(op.floor, x);
}

/**
 * Smallest integer that is not below x; the derivative is 0 everywhere.
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { ceil } from "@tapegrad/tapegrad";
 *
 * console.log(ceil(1.2).value); // 2
 * ```
 */
export function ceil(x: Operand): Variable {
  return unary(op.ceil, x);
}

/**
 * Integer part, rounded toward 0; the derivative is 0 everywhere.
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { trunc } from "@tapegrad/tapegrad";
 *
 * console.log(trunc(-1.7).value); // -1
 * ```
 */
export function trunc(x: Operand): Variable {
  return unary(op.trunc, x);
}

/**
 * Nearest integer, a half to the even one, as in NumPy and PyTorch (not as `Math.round`); the derivative
 * is 0 everywhere.
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { round } from "@tapegrad/tapegrad";
 *
 * console.log(round([0.5, 1.5, 2.5]).value); // [ 0, 2, 2 ]
 * ```
 */
export function round(x: Operand): Variable {
  return unary(op.round, x);
}
