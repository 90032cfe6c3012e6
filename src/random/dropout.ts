import { message } from "../_internal/message.ts";
import { dropoutWithMask } from "../functions/mod.ts";
import type { Operand, Variable } from "../variable/mod.ts";
import { toVariable } from "../variable/variable.ts";
import { bernoulli } from "./discrete.ts";
import type { Key } from "./random.ts";

/**
 * Drops elements at random and enlarges the others, `x / (1 - rate)`, so that the expectation stays. The same
 * key drops the same elements; so does every call of a compiled function that makes the mask inside, pass it in
 * for `dropoutWithMask` there.
 * Source: Srivastava et al., Dropout, 2014
 *
 * @param source The key
 * @param x Any shape
 * @param rate The probability with which an element is dropped, from 0 to below 1
 * @returns The same shape and dtype
 * @throws {RangeError} If the rate is out of range
 *
 * @example
 * ```ts
 * import { dropout, key } from "@tapegrad/tapegrad/random";
 *
 * const y = dropout(key(0), [1, 1, 1, 1], 0.5);
 * console.log(y.data.every((v) => v === 0 || v === 2)); // true
 * ```
 */
export function dropout(source: Key, x: Operand, rate: number): Variable {
  const values = toVariable(x);
  if (!(rate >= 0 && rate < 1)) {
    throw new RangeError(message`Cannot apply dropout: the rate is ${rate}, use a number from 0 to below 1`);
  }
  if (rate === 0) return values;
  const mask = bernoulli(source, values.shape, { probability: 1 - rate, dtype: values.dtype });
  return dropoutWithMask(values, mask, rate);
}
