import { asMask } from "../_operands.ts";
import { operation as op } from "../../primitives/mod.ts";
import { apply, binary } from "../../variable/apply.ts";
import { readOperands, toVariable } from "../../variable/operands.ts";
import type { Operand, Variable } from "../../variable/variable.ts";

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
  const input = toVariable(x);
  return input.ne(input);
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
  return toVariable(x).abs().lt(Infinity);
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
  return toVariable(x).eq(0);
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
  const [a, b] = readOperands(x, y);
  return asMask(a.ne(0).mul(b.ne(0)));
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
  const [a, b] = readOperands(x, y);
  return asMask(a.ne(0).maximum(b.ne(0)));
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
  const [a, b] = readOperands(x, y);
  return a.ne(0).ne(b.ne(0));
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
  return asMask(binary(op.eq, x, y));
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
  return asMask(binary(op.ne, x, y));
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
  return asMask(binary(op.lt, x, y));
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
  return asMask(binary(op.le, x, y));
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
  return asMask(binary(op.gt, x, y));
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
  return asMask(binary(op.ge, x, y));
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
