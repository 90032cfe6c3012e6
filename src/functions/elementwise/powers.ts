import { operation as op } from "../../primitives/mod.ts";
import { binary, type Operand, toVariable, unary, type Variable } from "../../variable/variable.ts";

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
 * `1 / x`; derivative `-1 / x^2`. Infinite at 0, with the sign of the zero.
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { reciprocal } from "@tapegrad/tapegrad";
 *
 * console.log(reciprocal(4).value); // 0.25
 * ```
 */
export function reciprocal(x: Operand): Variable {
  return toVariable(x).reciprocal();
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
