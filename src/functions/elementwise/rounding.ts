import { operation as op } from "../../primitives/mod.ts";
import { binary, type Operand, toVariables, unary, type Variable } from "../../variable/variable.ts";

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

/**
 * Remainder with the sign of the divisor, `x - floor(x / y) y`, as in Python and NumPy (not as `%`);
 * derivatives 1 and `-floor(x / y)`. NaN where y is 0 or x is infinite.
 *
 * @param x Dividend, any shape
 * @param y Divisor, a shape that broadcasts with it
 * @returns The broadcast shape, in the wider dtype
 * @throws {TypeError} If the shapes do not broadcast
 *
 * @example
 * ```ts
 * import { mod } from "@tapegrad/tapegrad";
 *
 * console.log(mod(-5, 3).value); // 1
 * ```
 */
export function mod(x: Operand, y: Operand): Variable {
  return binary(op.mod, x, y);
}

/**
 * Keeps x between two bounds, `min(max(x, low), high)`; where arrays of bounds cross, the upper one wins.
 * The derivative goes to x between the bounds and at them (as in PyTorch; JAX halves it there), else to
 * the bound that was taken. At NaN it is 0.
 *
 * @param x Any shape
 * @param min Lower bound, a shape that broadcasts with x; -Infinity for none
 * @param max Upper bound, a shape that broadcasts with x; Infinity for none
 * @returns The broadcast shape, in the wider dtype
 * @throws {TypeError} If the shapes do not broadcast
 * @throws {RangeError} If the bounds are numbers and min is above max
 *
 * @example
 * ```ts
 * import { clip } from "@tapegrad/tapegrad";
 *
 * console.log(clip([-2, 0.5, 2], -1, 1).value); // [ -1, 0.5, 1 ]
 * ```
 */
export function clip(x: Operand, min: Operand, max: Operand): Variable {
  return toVariables(x, min, max)[0]!.clip(min, max);
}

/**
 * Linear interpolation, `(1 - weight) start + weight end`: exactly start at weight 0 and exactly end at 1.
 *
 * @param start Value at weight 0, any shape
 * @param end Value at weight 1, a shape that broadcasts with it
 * @param weight Weight, a shape that broadcasts with them; outside of 0 to 1 it extrapolates
 * @returns The broadcast shape, in the wider dtype
 * @throws {TypeError} If the shapes do not broadcast
 *
 * @example
 * ```ts
 * import { lerp } from "@tapegrad/tapegrad";
 *
 * console.log(lerp(10, 20, 0.25).value); // 12.5
 * ```
 */
export function lerp(start: Operand, end: Operand, weight: Operand): Variable {
  return toVariables(start, end, weight)[0]!.lerp(end, weight);
}
