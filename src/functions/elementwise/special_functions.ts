import { message } from "../../_internal/message.ts";
import { operation as op } from "../../primitives/mod.ts";
import { apply, unary } from "../../variable/apply.ts";
import type { Operand, Variable } from "../../variable/variable.ts";

/**
 * Error function, `2 / sqrt(pi)` times the integral of `exp(-t^2)` from 0 to x; derivative `2 / sqrt(pi)
 * exp(-x^2)`.
 * Source: J. L. Schonfelder, Chebyshev expansions for the error and related functions, 1978.
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { erf } from "@tapegrad/tapegrad";
 *
 * console.log(erf(0.5).value); // 0.5204998778130465
 * ```
 */
export function erf(x: Operand): Variable {
  return unary(op.erf, x);
}

/**
 * Complementary error function, `1 - erf(x)`, exact where that is tiny; derivative `-2 / sqrt(pi)
 * exp(-x^2)`.
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { erfc } from "@tapegrad/tapegrad";
 *
 * console.log(erfc(10).value); // 2.0884875837625452e-45
 * ```
 */
export function erfc(x: Operand): Variable {
  return unary(op.erfc, x);
}

/**
 * Inverse of the error function; derivative `sqrt(pi) / 2 exp(erfinv(x)^2)`. Infinite at -1 and 1, NaN
 * beyond.
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { erfinv } from "@tapegrad/tapegrad";
 *
 * console.log(erfinv(0.5).value); // 0.4769362762044699
 * ```
 */
export function erfinv(x: Operand): Variable {
  return unary(op.erfinv, x);
}

/**
 * Logarithm of the absolute value of the gamma function; derivative `digamma(x)`. Infinite at 0 and at
 * negative integers.
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { lgamma } from "@tapegrad/tapegrad";
 *
 * console.log(lgamma(5).value); // 3.1780538303479458
 * ```
 */
export function lgamma(x: Operand): Variable {
  return unary(op.lgamma, x);
}

/**
 * Digamma function, the derivative of `lgamma`; its own derivative is `polygamma(1, x)`. -Infinity at 0
 * (Infinity at -0), NaN at negative integers.
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { digamma } from "@tapegrad/tapegrad";
 *
 * console.log(digamma(1).value); // -0.5772156649015329
 * ```
 */
export function digamma(x: Operand): Variable {
  return apply(op.polygamma, [0, x], undefined);
}

/**
 * Derivative of the digamma function of a given order; its own derivative is the next one.
 * Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 6.4.
 *
 * @param order 0 for digamma itself, 1 for its derivative, and so on
 * @param x Any shape
 * @returns The same shape and dtype
 * @throws {RangeError} If the order is not 0 or a positive integer
 *
 * @example
 * ```ts
 * import { polygamma } from "@tapegrad/tapegrad";
 *
 * console.log(polygamma(1, 1).value); // 1.6449340668482264
 * ```
 */
export function polygamma(order: number, x: Operand): Variable {
  if (!Number.isInteger(order) || order < 0) {
    throw new RangeError(
      message`Cannot take polygamma of order ${order}: it must be 0 or a positive integer`,
    );
  }
  return apply(op.polygamma, [order, x], undefined);
}

/**
 * Inverse of sigmoid, `log(x / (1 - x))`; derivative `1 / (x (1 - x))`. Infinite at 0 and 1, NaN outside.
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { logit } from "@tapegrad/tapegrad";
 *
 * console.log(logit(0.5).value); // 0
 * ```
 */
export function logit(x: Operand): Variable {
  return unary(op.logit, x);
}
