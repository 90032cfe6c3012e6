import { type Operand, toVariable, toVariables, type Variable } from "../../variable/variable.ts";

/**
 * 1 where x is NaN, else 0; the derivative is 0.
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { isNan } from "@tapegrad/tapegrad";
 *
 * console.log(isNan([1, NaN]).value); // [ 0, 1 ]
 * ```
 */
export function isNan(x: Operand): Variable {
  return toVariable(x).isNan();
}

/**
 * 1 where x is neither infinite nor NaN, else 0; the derivative is 0.
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { isFinite } from "@tapegrad/tapegrad";
 *
 * console.log(isFinite([1, Infinity, NaN]).value); // [ 1, 0, 0 ]
 * ```
 */
export function isFinite(x: Operand): Variable {
  return toVariable(x).isFinite();
}

/**
 * 1 where x is 0, else 0; NaN counts as true. The derivative is 0.
 *
 * @param x Any shape
 * @returns The same shape and dtype
 *
 * @example
 * ```ts
 * import { logicalNot } from "@tapegrad/tapegrad";
 *
 * console.log(logicalNot([0, 2]).value); // [ 1, 0 ]
 * ```
 */
export function logicalNot(x: Operand): Variable {
  return toVariable(x).logicalNot();
}

/**
 * 1 where both operands are not 0, else 0; NaN counts as true. The derivative is 0.
 *
 * @param x Any shape
 * @param y A shape that broadcasts with it
 * @returns The broadcast shape, in the wider dtype
 * @throws {TypeError} If the shapes do not broadcast
 *
 * @example
 * ```ts
 * import { logicalAnd } from "@tapegrad/tapegrad";
 *
 * console.log(logicalAnd([0, 0, 1, 1], [0, 1, 0, 1]).value); // [ 0, 0, 0, 1 ]
 * ```
 */
export function logicalAnd(x: Operand, y: Operand): Variable {
  return toVariables(x, y)[0]!.logicalAnd(y);
}

/**
 * 1 where either operand is not 0, else 0; NaN counts as true. The derivative is 0.
 *
 * @param x Any shape
 * @param y A shape that broadcasts with it
 * @returns The broadcast shape, in the wider dtype
 * @throws {TypeError} If the shapes do not broadcast
 *
 * @example
 * ```ts
 * import { logicalOr } from "@tapegrad/tapegrad";
 *
 * console.log(logicalOr([0, 0, 1, 1], [0, 1, 0, 1]).value); // [ 0, 1, 1, 1 ]
 * ```
 */
export function logicalOr(x: Operand, y: Operand): Variable {
  return toVariables(x, y)[0]!.logicalOr(y);
}

/**
 * 1 where exactly one operand is not 0, else 0; NaN counts as true. The derivative is 0.
 *
 * @param x Any shape
 * @param y A shape that broadcasts with it
 * @returns The broadcast shape, in the wider dtype
 * @throws {TypeError} If the shapes do not broadcast
 *
 * @example
 * ```ts
 * import { logicalXor } from "@tapegrad/tapegrad";
 *
 * console.log(logicalXor([0, 0, 1, 1], [0, 1, 0, 1]).value); // [ 0, 1, 1, 0 ]
 * ```
 */
export function logicalXor(x: Operand, y: Operand): Variable {
  return toVariables(x, y)[0]!.logicalXor(y);
}
