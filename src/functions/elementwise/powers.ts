/** Powers and roots, exponentials and logarithms. */
import { operation as op } from "../../primitives/mod.ts";
import { binary, unary } from "../../variable/apply.ts";
import type { Operand, Variable } from "../../variable/variable.ts";

/**
 * Square root; derivative `1 / (2 sqrt(x))`, infinite at 0.
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { sqrt } from "@tapegrad/tapegrad";
 *
 * console.log(sqrt(9).value); // 3
 * ```
 */
export function sqrt(x: Operand): Variable {
  return unary(op.sqrt, x);
}

/**
 * Square; derivative `2 x`.
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { square } from "@tapegrad/tapegrad";
 *
 * console.log(square(3).value); // 9
 * ```
 */
export function square(x: Operand): Variable {
  return unary(op.square, x);
}

/**
 * Power x^y; derivatives `y x^(y-1)` and `x^y log(x)`, the latter NaN for a negative base.
 *
 * @param x Any shape
 * @param y A shape that broadcasts with that of x
 * @returns The broadcast shape, in the wider dtype
 * @throws {TypeError} If the shapes do not broadcast
 *
 * @example
 * ```ts
 * import { pow } from "@tapegrad/tapegrad";
 *
 * console.log(pow([1, 2], 3).value); // [1, 8]
 * ```
 */
export function pow(x: Operand, y: Operand): Variable {
  return binary(op.pow, x, y);
}

/**
 * Reciprocal square root, `1 / sqrt(x)`; derivative `-1 / (2 x sqrt(x))`. Infinite at 0, with derivative
 * -Infinity, and NaN below.
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { rsqrt } from "@tapegrad/tapegrad";
 *
 * console.log(rsqrt(4).value); // 0.5
 * ```
 */
export function rsqrt(x: Operand): Variable {
  return unary(op.rsqrt, x);
}

/**
 * Cube root; derivative `1 / (3 cbrt(x)^2)`, infinite at 0.
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { cbrt } from "@tapegrad/tapegrad";
 *
 * console.log(cbrt(-27).value); // -3
 * ```
 */
export function cbrt(x: Operand): Variable {
  return unary(op.cbrt, x);
}

/**
 * Length of the vector (x, y), `sqrt(x^2 + y^2)`, without overflow; derivatives `x / hypot` and `y /
 * hypot`, both 0 at the origin, where it has a kink.
 *
 * @param x Any shape
 * @param y A shape that broadcasts with it
 * @returns The broadcast shape, in the wider dtype
 * @throws {TypeError} If the shapes do not broadcast
 *
 * @example
 * ```ts
 * import { hypot } from "@tapegrad/tapegrad";
 *
 * console.log(hypot(3, 4).value); // 5
 * ```
 */
export function hypot(x: Operand, y: Operand): Variable {
  return binary(op.hypot, x, y);
}

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
