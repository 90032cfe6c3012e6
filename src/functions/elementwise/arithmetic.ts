/** Sums and products, what they are made of, and rounding. */
import { message } from "../../_internal/message.ts";
import { operation as op } from "../../primitives/mod.ts";
import { apply, binary, unary } from "../../variable/apply.ts";
import { readOperands } from "../../variable/operands.ts";
import type { Operand, Variable } from "../../variable/variable.ts";

/**
 * Negation, `-x`.
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { neg } from "@tapegrad/tapegrad";
 *
 * console.log(neg(2).value); // -2
 * ```
 */
export function neg(x: Operand): Variable {
  return unary(op.neg, x);
}

/**
 * Absolute value; derivative `sign(x)`, 0 at 0.
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { abs } from "@tapegrad/tapegrad";
 *
 * console.log(abs(-3).value); // 3
 * ```
 */
export function abs(x: Operand): Variable {
  return unary(op.abs, x);
}

/**
 * Sign: -1, 0 or 1; derivative 0 everywhere.
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { sign } from "@tapegrad/tapegrad";
 *
 * console.log(sign(-3).value); // -1
 * ```
 */
export function sign(x: Operand): Variable {
  return unary(op.sign, x);
}

/**
 * Sum of x and y.
 *
 * @param x Any shape
 * @param y A shape that broadcasts with that of x
 * @returns The broadcast shape, in the wider dtype
 * @throws {TypeError} If the shapes do not broadcast
 *
 * @example
 * ```ts
 * import { add } from "@tapegrad/tapegrad";
 *
 * console.log(add([1, 2], 3).value); // [4, 5]
 * ```
 */
export function add(x: Operand, y: Operand): Variable {
  return binary(op.add, x, y);
}

/**
 * Difference x - y.
 *
 * @param x Any shape
 * @param y A shape that broadcasts with that of x
 * @returns The broadcast shape, in the wider dtype
 * @throws {TypeError} If the shapes do not broadcast
 *
 * @example
 * ```ts
 * import { sub } from "@tapegrad/tapegrad";
 *
 * console.log(sub([1, 2], 3).value); // [-2, -1]
 * ```
 */
export function sub(x: Operand, y: Operand): Variable {
  return binary(op.sub, x, y);
}

/**
 * Product of x and y, element by element; derivatives y and x.
 *
 * @param x Any shape
 * @param y A shape that broadcasts with that of x
 * @returns The broadcast shape, in the wider dtype
 * @throws {TypeError} If the shapes do not broadcast
 *
 * @example
 * ```ts
 * import { mul } from "@tapegrad/tapegrad";
 *
 * console.log(mul([1, 2], 3).value); // [3, 6]
 * ```
 */
export function mul(x: Operand, y: Operand): Variable {
  return binary(op.mul, x, y);
}

/**
 * Quotient x / y; derivatives `1 / y` and `-x / y^2`.
 *
 * @param x Any shape
 * @param y A shape that broadcasts with that of x
 * @returns The broadcast shape, in the wider dtype
 * @throws {TypeError} If the shapes do not broadcast
 *
 * @example
 * ```ts
 * import { div } from "@tapegrad/tapegrad";
 *
 * console.log(div([3, 6], 3).value); // [1, 2]
 * ```
 */
export function div(x: Operand, y: Operand): Variable {
  return binary(op.div, x, y);
}

/**
 * The larger of x and y; a tie shares the derivative in halves.
 *
 * @param x Any shape
 * @param y A shape that broadcasts with that of x
 * @returns The broadcast shape, in the wider dtype
 * @throws {TypeError} If the shapes do not broadcast
 *
 * @example
 * ```ts
 * import { maximum } from "@tapegrad/tapegrad";
 *
 * console.log(maximum([1, 5], 3).value); // [3, 5]
 * ```
 */
export function maximum(x: Operand, y: Operand): Variable {
  return binary(op.maximum, x, y);
}

/**
 * The smaller of x and y; a tie shares the derivative in halves.
 *
 * @param x Any shape
 * @param y A shape that broadcasts with that of x
 * @returns The broadcast shape, in the wider dtype
 * @throws {TypeError} If the shapes do not broadcast
 *
 * @example
 * ```ts
 * import { minimum } from "@tapegrad/tapegrad";
 *
 * console.log(minimum([1, 5], 3).value); // [1, 3]
 * ```
 */
export function minimum(x: Operand, y: Operand): Variable {
  return binary(op.minimum, x, y);
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
  return binary(op.div, 1, x);
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
  if (typeof min === "number" && typeof max === "number" && min > max) {
    throw new RangeError(
      message`Cannot clip to ${min} .. ${max}: the lower bound is above the upper, swap them`,
    );
  }
  return apply(op.clip, [x, min, max], undefined);
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
  const [first, last, w] = readOperands(start, end, weight);
  return first.mul(binary(op.sub, 1, w)).add(last.mul(w));
}

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
