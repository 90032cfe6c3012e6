import { toVariable } from "../variable/operands.ts";
import { readNumber } from "../_internal/readers/mod.ts";
import { dropoutWithMask } from "../functions/mod.ts";
import type { Operand, Variable } from "../variable/mod.ts";
import { bernoulli } from "./discrete.ts";
import { type Key, readKey } from "./keys.ts";

/**
 * Drops elements at random and enlarges the others, `x / (1 - rate)`, so that the expectation stays. The same
 * key drops the same elements, compiled too.
 * Source: Srivastava et al., Dropout, 2014
 *
 * @param source The key; passed into a compiled function, not made there, if each call is to drop others
 * @param x Any shape
 * @param rate The probability with which an element is dropped, from 0 to below 1
 * @returns The same shape and dtype
 * @throws {TypeError} If the key is none
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
  readKey("dropout", source);
  const values = toVariable(x);
  readNumber("dropout", "the rate", rate, { min: 0, below: 1 });
  if (rate === 0) return values;
  const mask = bernoulli(source, values.shape, { probability: 1 - rate, dtype: values.dtype });
  return dropoutWithMask(values, mask, rate);
}
