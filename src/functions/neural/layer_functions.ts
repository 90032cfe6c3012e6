import { message } from "../../_internal/message.ts";
import { readNumber } from "../../_internal/readers/mod.ts";
import { sameShape } from "../../array/shape.ts";
import { readOperands, toVariable } from "../../variable/operands.ts";
import type { Operand, Variable } from "../../variable/variable.ts";

/**
 * Drops elements by a mask and enlarges the others, `x / (1 - rate)`, so that the expectation stays. For a
 * mask drawn from a random key, see `dropout` in `@tapegrad/tapegrad/random`.
 * Source: Srivastava et al., Dropout, 2014
 *
 * @param x Any shape
 * @param mask 1 for what stays, 0 for what is dropped, a shape that broadcasts to that of x
 * @param rate The probability with which the mask drops, from 0 to below 1
 * @returns The same shape and dtype; what is dropped is 0 whatever it was
 * @throws {RangeError} If the rate is out of range
 * @throws {TypeError} If the mask does not broadcast to the shape of x
 *
 * @example
 * ```ts
 * import { dropoutWithMask } from "@tapegrad/tapegrad";
 *
 * console.log(dropoutWithMask([1, 2, 3], [1, 0, 1], 0.5).value); // [2, 0, 6]
 * ```
 */
export function dropoutWithMask(x: Operand, mask: Operand, rate: number): Variable {
  readNumber("dropout", "the rate", rate, { min: 0, below: 1 });
  const [values, keep] = readOperands(x, mask);
  const result = keep.where(values.div(1 - rate), 0);
  if (sameShape(result.shape, values.shape)) return result;
  throw new TypeError(
    message`Cannot apply dropout: a mask of shape ${keep.shape} does not broadcast to
    ${values.shape}`,
  );
}

/**
 * Rows of a table, chosen by their numbers; gradients of rows that are chosen several times add up.
 *
 * @param indices Integers from 0 to rows - 1, any shape
 * @param table `[rows, features]`
 * @returns `[...indices, features]`, in the dtype of the table
 * @throws {TypeError} If the table has not two axes
 * @throws {RangeError} If an index is no integer or out of range
 *
 * @example
 * ```ts
 * import { embedding } from "@tapegrad/tapegrad";
 *
 * console.log(embedding([2, 0], [[1, 1], [2, 2], [3, 3]]).value); // [[3, 3], [1, 1]]
 * ```
 */
export function embedding(indices: Operand, table: Operand): Variable {
  const rows = toVariable(table);
  if (rows.rank === 2) return rows.gather(indices);
  throw new TypeError(
    message`Cannot embed: the table has shape ${rows.shape}, expected [rows, features]`,
  );
}
