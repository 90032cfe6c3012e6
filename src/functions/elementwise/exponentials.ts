import { operation as op } from "../../primitives/mod.ts";
import { binary, unary } from "../../variable/apply.ts";
import type { Operand, Variable } from "../../variable/variable.ts";

/**
 * Exponential; derivative `exp(x)`.
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { exp } from "@tapegrad/tapegrad";
 *
 * console.log(exp(0).value); // 1
 * ```
 */
export function exp(x: Operand): Variable {
  return unary(op.exp, x);
}

/**
 * Natural logarithm; derivative `1 / x`. NaN for negative numbers, -Infinity at 0.
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { log } from "@tapegrad/tapegrad";
 *
 * console.log(log(1).value); // 0
 * ```
 */
export function log(x: Operand): Variable {
  return unary(op.log, x);
}

/**
 * `log(1 + x)`, exact for small x; derivative `1 / (1 + x)`.
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { log1p } from "@tapegrad/tapegrad";
 *
 * console.log(log1p(0).value); // 0
 * ```
 */
export function log1p(x: Operand): Variable {
  return unary(op.log1p, x);
}

/**
 * `exp(x) - 1`, exact for small x; derivative `exp(x)`.
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { expm1 } from "@tapegrad/tapegrad";
 *
 * console.log(expm1(0).value); // 0
 * ```
 */
export function expm1(x: Operand): Variable {
  return unary(op.expm1, x);
}

/**
 * Power of 2, `2^x`; derivative `2^x log(2)`.
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { exp2 } from "@tapegrad/tapegrad";
 *
 * console.log(exp2(10).value); // 1024
 * ```
 */
export function exp2(x: Operand): Variable {
  return unary(op.exp2, x);
}

/**
 * Logarithm to base 2; derivative `1 / (x log(2))`. NaN for negative numbers, -Infinity at 0.
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { log2 } from "@tapegrad/tapegrad";
 *
 * console.log(log2(8).value); // 3
 * ```
 */
export function log2(x: Operand): Variable {
  return unary(op.log2, x);
}

/**
 * Logarithm to base 10; derivative `1 / (x log(10))`. NaN for negative numbers, -Infinity at 0.
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { log10 } from "@tapegrad/tapegrad";
 *
 * console.log(log10(1000).value); // 3
 * ```
 */
export function log10(x: Operand): Variable {
  return unary(op.log10, x);
}

/**
 * `log(exp(x) + exp(y))` without overflow; derivatives `sigmoid(x - y)` and `sigmoid(y - x)`. Where both
 * are the same infinity the derivatives are NaN, as in JAX and PyTorch.
 *
 * @param x Any shape
 * @param y A shape that broadcasts with it
 * @returns The broadcast shape, in the wider dtype
 * @throws {TypeError} If the shapes do not broadcast
 *
 * @example
 * ```ts
 * import { logAddExp } from "@tapegrad/tapegrad";
 *
 * console.log(logAddExp(1000, 1000).value); // 1000.6931471805599
 * ```
 */
export function logAddExp(x: Operand, y: Operand): Variable {
  return binary(op.logAddExp, x, y);
}

/**
 * `x log(y)`, and 0 where x is 0 for any y but NaN; derivatives `log(y)` and `x / y`. Where x is 0 and y
 * is not positive both are 0, so that the sum of `xlogy(p, p)` has a finite derivative.
 *
 * @param x Any shape
 * @param y A shape that broadcasts with it
 * @returns The broadcast shape, in the wider dtype
 * @throws {TypeError} If the shapes do not broadcast
 *
 * @example
 * ```ts
 * import { xlogy } from "@tapegrad/tapegrad";
 *
 * console.log(xlogy(0, 0).value); // 0
 * ```
 */
export function xlogy(x: Operand, y: Operand): Variable {
  return binary(op.xlogy, x, y);
}
