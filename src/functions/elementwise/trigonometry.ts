import { operation as op } from "../../primitives/mod.ts";
import { apply, binary, unary } from "../../variable/apply.ts";
import type { Operand, Variable } from "../../variable/variable.ts";

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
 * Inverse sine in radians, -pi/2 to pi/2; derivative `1 / sqrt(1 - x^2)`, infinite at -1 and 1. NaN
 * outside of -1 to 1.
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { asin } from "@tapegrad/tapegrad";
 *
 * console.log(asin(1).value); // 1.5707963267948966
 * ```
 */
export function asin(x: Operand): Variable {
  return unary(op.asin, x);
}

/**
 * Inverse cosine in radians, 0 to pi; derivative `-1 / sqrt(1 - x^2)`, infinite at -1 and 1. NaN outside
 * of -1 to 1.
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { acos } from "@tapegrad/tapegrad";
 *
 * console.log(acos(1).value); // 0
 * ```
 */
export function acos(x: Operand): Variable {
  return unary(op.acos, x);
}

/**
 * Inverse tangent in radians, -pi/2 to pi/2; derivative `1 / (1 + x^2)`.
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { atan } from "@tapegrad/tapegrad";
 *
 * console.log(atan(1).value); // 0.7853981633974483
 * ```
 */
export function atan(x: Operand): Variable {
  return unary(op.atan, x);
}

/**
 * Angle of the point (x, y) from the x-axis in radians, -pi to pi; derivatives `x / (x^2 + y^2)` by y and
 * `-y / (x^2 + y^2)` by x, both 0 at the origin.
 *
 * @param y Second coordinate, any shape
 * @param x First coordinate, a shape that broadcasts with it
 * @returns The broadcast shape, in the wider dtype
 * @throws {TypeError} If the shapes do not broadcast
 *
 * @example
 * ```ts
 * import { atan2 } from "@tapegrad/tapegrad";
 *
 * console.log(atan2(1, -1).value); // 2.356194490192345
 * ```
 */
export function atan2(y: Operand, x: Operand): Variable {
  return binary(op.atan2, y, x);
}

/**
 * Hyperbolic sine; derivative `cosh(x)`.
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { sinh } from "@tapegrad/tapegrad";
 *
 * console.log(sinh(0).value); // 0
 * ```
 */
export function sinh(x: Operand): Variable {
  return unary(op.sinh, x);
}

/**
 * Hyperbolic cosine; derivative `sinh(x)`.
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { cosh } from "@tapegrad/tapegrad";
 *
 * console.log(cosh(0).value); // 1
 * ```
 */
export function cosh(x: Operand): Variable {
  return unary(op.cosh, x);
}

/**
 * Inverse hyperbolic sine; derivative `1 / sqrt(x^2 + 1)`, without overflow.
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { asinh } from "@tapegrad/tapegrad";
 *
 * console.log(asinh(0).value); // 0
 * ```
 */
export function asinh(x: Operand): Variable {
  return unary(op.asinh, x);
}

/**
 * Inverse hyperbolic cosine; derivative `1 / sqrt(x^2 - 1)`, infinite at 1. NaN below 1.
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { acosh } from "@tapegrad/tapegrad";
 *
 * console.log(acosh(1).value); // 0
 * ```
 */
export function acosh(x: Operand): Variable {
  return unary(op.acosh, x);
}

/**
 * Inverse hyperbolic tangent; derivative `1 / (1 - x^2)`, infinite at -1 and 1, where the value is too.
 * NaN beyond.
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { atanh } from "@tapegrad/tapegrad";
 *
 * console.log(atanh(0.5).value); // 0.5493061443340549
 * ```
 */
export function atanh(x: Operand): Variable {
  return unary(op.atanh, x);
}

/**
 * `sin(pi x) / (pi x)`, 1 at 0; smooth at 0 in derivatives of any order, and exactly 0 at other integers.
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { sinc } from "@tapegrad/tapegrad";
 *
 * console.log(sinc([0, 0.5, 1]).value); // [ 1, 0.6366197723675814, 0 ]
 * ```
 */
export function sinc(x: Operand): Variable {
  return apply(op.sincDerivative, [0, x], undefined);
}
