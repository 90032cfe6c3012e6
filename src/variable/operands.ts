/** How operands are read: one rule for the dtype of plain numbers, used by every operation. */
import { type DType, promote, roundTo } from "../array/dtype.ts";
import { arrayFrom } from "../array/nd_array.ts";
import { type Operand, untracked, Variable } from "./variable.ts";

/** Operands as Variables; one that was left out stays undefined. */
export type Variables<A extends readonly (Operand | undefined)[]> = {
  -readonly [K in keyof A]: A[K] extends Operand ? Variable : Variable | undefined;
};

/** Whether an operand takes the dtype of the others: plain numbers do, alone or nested, and Variables made of them. */
export function takesOtherDtype(x: Operand): boolean {
  return typeof x === "number" || Array.isArray(x) ||
    (x instanceof Variable && x.state?.takesOtherDtype === true);
}

/**
 * Reads numbers as a constant, in the given dtype or in that of the data.
 *
 * @throws {TypeError} If the value is neither a Variable nor numbers
 */
export function toVariable(x: Operand, dtype?: DType): Variable {
  if (x instanceof Variable) return x;
  if (typeof x === "number") {
    return untracked(dtype === undefined ? x : roundTo(dtype, x), dtype ?? "float64");
  }
  const array = arrayFrom(x, dtype);
  return untracked(array.shape.length === 0 ? array.data[0]! : array, array.dtype);
}

/**
 * Reads the operands of one operation together: plain numbers take the dtype of the others.
 *
 * @throws {TypeError} If one is neither a Variable nor numbers
 */
export function readOperands<A extends readonly Operand[]>(...operands: A): Variables<A> {
  return readTyped(operands).variables as Variables<A>;
}

/**
 * Reads operands together of which some may be left out, and then stay undefined.
 *
 * @throws {TypeError} If one is neither a Variable nor numbers
 */
export function readOptionalOperands<
  const A extends readonly Operand[],
  const B extends readonly (Operand | undefined)[],
>(required: A, optional: B): [...Variables<A>, ...Variables<B>] {
  const { variables } = readTyped([...required, ...optional.filter((x) => x !== undefined)]);
  let next = required.length;
  const rest = optional.map((x) => x === undefined ? undefined : variables[next++]);
  return [...variables.slice(0, required.length), ...rest] as [...Variables<A>, ...Variables<B>];
}

/**
 * Reads operands and says which dtype they have together: the widest of those that have one.
 *
 * @param untyped Positions of operands whose dtype does not count, such as indices
 * @param conditional Whether it counts after all where nothing else has one: where(mask, 1, 0) is as the mask
 */
export function readTyped(
  operands: readonly Operand[],
  untyped?: readonly number[],
  conditional = false,
): { readonly variables: Variable[]; readonly dtype: DType | undefined } {
  let dtype: DType | undefined;
  for (let k = 0; k < operands.length; k++) {
    const x = operands[k]!;
    if (takesOtherDtype(x) || untyped?.includes(k)) continue;
    const own = x instanceof Variable ? x.dtype : toVariable(x).dtype;
    dtype = dtype === undefined ? own : promote(dtype, own);
  }
  if (dtype === undefined && conditional) {
    const decisive = untyped?.map((k) => operands[k]!).find((x) => !takesOtherDtype(x));
    if (decisive !== undefined) dtype = toVariable(decisive).dtype;
  }
  const variables = operands.map((x, k) =>
    toVariable(x, takesOtherDtype(x) && !untyped?.includes(k) ? dtype : undefined)
  );
  return { variables, dtype };
}
