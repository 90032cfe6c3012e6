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
