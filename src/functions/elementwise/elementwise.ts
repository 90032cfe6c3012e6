import { apply, binary, type Operand, toVariable, unary, type Variable } from "../../variable/variable.ts";
import { operation as op } from "../../primitives/mod.ts";

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
 * Sine of an angle in radians; derivative `cos(x)`.
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { sin } from "@tapegrad/tapegrad";
 *
 * console.log(sin(0).value); // 0
 * ```
 */
export function sin(x: Operand): Variable {
  return unary(op.sin, x);
}

/**
 * Cosine of an angle in radians; derivative `-sin(x)`.
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { cos } from "@tapegrad/tapegrad";
 *
 * console.log(cos(0).value); // 1
 * ```
 */
export function cos(x: Operand): Variable {
  return unary(op.cos, x);
}

/**
 * Tangent of an angle in radians; derivative `1 + tan(x)^2`.
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { tan } from "@tapegrad/tapegrad";
 *
 * console.log(tan(0).value); // 0
 * ```
 */
export function tan(x: Operand): Variable {
  return unary(op.tan, x);
}

/**
 * Hyperbolic tangent; derivative `1 - tanh(x)^2`.
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { tanh } from "@tapegrad/tapegrad";
 *
 * console.log(tanh(0).value); // 0
 * ```
 */
export function tanh(x: Operand): Variable {
  return unary(op.tanh, x);
}

/**
 * Logistic function `1 / (1 + exp(-x))`; derivative `s (1 - s)`.
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { sigmoid } from "@tapegrad/tapegrad";
 *
 * console.log(sigmoid(0).value); // 0.5
 * ```
 */
export function sigmoid(x: Operand): Variable {
  return unary(op.sigmoid, x);
}

/**
 * Rectifier `max(x, 0)`; derivative 1 above 0, else 0.
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { relu } from "@tapegrad/tapegrad";
 *
 * console.log(relu(-2).value); // 0
 * ```
 */
export function relu(x: Operand): Variable {
  return unary(op.relu, x);
}

/**
 * `log(1 + exp(x))` without overflow; derivative `sigmoid(x)`.
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { softplus } from "@tapegrad/tapegrad";
 *
 * console.log(softplus(1000).value); // 1000
 * ```
 */
export function softplus(x: Operand): Variable {
  return unary(op.softplus, x);
}

/**
 * `log(sigmoid(x))` without underflow; derivative `sigmoid(-x)`.
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { logSigmoid } from "@tapegrad/tapegrad";
 *
 * console.log(logSigmoid(-1000).value); // -1000
 * ```
 */
export function logSigmoid(x: Operand): Variable {
  return toVariable(x).logSigmoid();
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
 * 1 where x equals y, else 0; derivative 0.
 *
 * @param x Any shape
 * @param y A shape that broadcasts with that of x
 * @returns The broadcast shape, in the wider dtype
 * @throws {TypeError} If the shapes do not broadcast
 *
 * @example
 * ```ts
 * import { eq } from "@tapegrad/tapegrad";
 *
 * console.log(eq([1, 3], 3).value); // [0, 1]
 * ```
 */
export function eq(x: Operand, y: Operand): Variable {
  return binary(op.eq, x, y);
}

/**
 * 1 where x differs from y, else 0; derivative 0.
 *
 * @param x Any shape
 * @param y A shape that broadcasts with that of x
 * @returns The broadcast shape, in the wider dtype
 * @throws {TypeError} If the shapes do not broadcast
 *
 * @example
 * ```ts
 * import { ne } from "@tapegrad/tapegrad";
 *
 * console.log(ne([1, 3], 3).value); // [1, 0]
 * ```
 */
export function ne(x: Operand, y: Operand): Variable {
  return binary(op.ne, x, y);
}

/**
 * 1 where x is less than y, else 0; derivative 0.
 *
 * @param x Any shape
 * @param y A shape that broadcasts with that of x
 * @returns The broadcast shape, in the wider dtype
 * @throws {TypeError} If the shapes do not broadcast
 *
 * @example
 * ```ts
 * import { lt } from "@tapegrad/tapegrad";
 *
 * console.log(lt([1, 3], 3).value); // [1, 0]
 * ```
 */
export function lt(x: Operand, y: Operand): Variable {
  return binary(op.lt, x, y);
}

/**
 * 1 where x is at most y, else 0; derivative 0.
 *
 * @param x Any shape
 * @param y A shape that broadcasts with that of x
 * @returns The broadcast shape, in the wider dtype
 * @throws {TypeError} If the shapes do not broadcast
 *
 * @example
 * ```ts
 * import { le } from "@tapegrad/tapegrad";
 *
 * console.log(le([1, 3], 3).value); // [1, 1]
 * ```
 */
export function le(x: Operand, y: Operand): Variable {
  return binary(op.le, x, y);
}

/**
 * 1 where x is greater than y, else 0; derivative 0.
 *
 * @param x Any shape
 * @param y A shape that broadcasts with that of x
 * @returns The broadcast shape, in the wider dtype
 * @throws {TypeError} If the shapes do not broadcast
 *
 * @example
 * ```ts
 * import { gt } from "@tapegrad/tapegrad";
 *
 * console.log(gt([1, 3], 3).value); // [0, 0]
 * ```
 */
export function gt(x: Operand, y: Operand): Variable {
  return binary(op.gt, x, y);
}

/**
 * 1 where x is at least y, else 0; derivative 0.
 *
 * @param x Any shape
 * @param y A shape that broadcasts with that of x
 * @returns The broadcast shape, in the wider dtype
 * @throws {TypeError} If the shapes do not broadcast
 *
 * @example
 * ```ts
 * import { ge } from "@tapegrad/tapegrad";
 *
 * console.log(ge([1, 3], 3).value); // [0, 1]
 * ```
 */
export function ge(x: Operand, y: Operand): Variable {
  return binary(op.ge, x, y);
}

/**
 * x where the condition is not 0, else y. The branch not taken gets derivative 0, also where it is NaN or
 * infinite; the condition has none.
 *
 * @param condition Numbers, usually from a comparison
 * @param x A shape that broadcasts with the others
 * @param y A shape that broadcasts with the others
 * @returns The broadcast shape, in the wider dtype of x and y
 * @throws {TypeError} If the shapes do not broadcast
 *
 * @example
 * ```ts
 * import { where } from "@tapegrad/tapegrad";
 *
 * console.log(where([1, 0], [1, 2], 9).value); // [1, 9]
 * ```
 */
export function where(condition: Operand, x: Operand, y: Operand): Variable {
  return apply(op.where, [condition, x, y], undefined);
}
