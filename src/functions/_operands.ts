import { message } from "../_internal/message.ts";
import type { DType } from "../array/dtype.ts";
import { type Operand, toVariable, type Variable } from "../variable/variable.ts";

/** Reads operands as Variables; plain numbers and nested arrays take the dtype of the others. */
export function readOperands<A extends readonly (Operand | undefined)[]>(
  ...operands: A
): { [K in keyof A]: A[K] extends Operand ? Variable : Variable | undefined } {
  const weak = (x: Operand): boolean => typeof x === "number" || Array.isArray(x);
  const strong = operands.filter((x) => x !== undefined && !weak(x)).map((x) => toVariable(x!).dtype);
  const dtype: DType | undefined = strong.length === 0
    ? undefined
    : strong.includes("float64")
    ? "float64"
    : "float32";
  return operands.map((x) => x === undefined ? x : toVariable(x, weak(x) ? dtype : undefined)) as {
    [K in keyof A]: A[K] extends Operand ? Variable : Variable | undefined;
  };
}

/**
 * Checks the number of axes.
 *
 * @param layout What the axes are, such as `[batch, length, channels]`
 * @throws {TypeError} If there are more or fewer
 */
export function checkLayout(operation: string, x: Variable, layout: string): void {
  if (x.rank === layout.split(",").length) return;
  throw new TypeError(
    message`Cannot apply ${operation}: the operand has shape ${x.shape}, expected
    ${layout}, reshape it`,
  );
}

/**
 * Checks the small number that keeps a root or logarithm from 0.
 *
 * @throws {RangeError} If it is not positive and finite
 */
export function checkEpsilon(operation: string, epsilon: number): void {
  if (epsilon > 0 && epsilon < Infinity) return;
  throw new RangeError(
    message`Cannot apply ${operation}: epsilon is ${epsilon}, use a small positive number`,
  );
}
