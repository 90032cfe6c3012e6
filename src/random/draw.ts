import { apply } from "../variable/apply.ts";
import { readShape } from "../_internal/readers/mod.ts";
import { checkDType, type DType } from "../array/dtype.ts";
import type { Shape } from "../array/shape.ts";
import { operation as op } from "../primitives/mod.ts";
import type { Variable } from "../variable/mod.ts";
import { type Key, readKey } from "./keys.ts";

/** The element type of random arrays. */
export interface RandomOptions {
  /** float64 by default. */
  readonly dtype?: DType;
}

/**
 * Draws numbers from 0 up to but not including 1, or pairs of words.
 *
 * @param operation The name that messages show
 * @throws {TypeError} If the key, shape or dtype is none
 * @throws {RangeError} If the shape is none
 */
export function draw(
  operation: string,
  source: Key,
  shape: Shape,
  dtype: DType,
  form: "unit" | "words" = "unit",
): Variable {
  // The key first: where it was left out, the shape stands in its place.
  const key = readKey(operation, source);
  return apply(op.randomUniform, [key], {
    shape: readShape(operation, shape),
    dtype: checkDType(dtype),
    form,
  });
}
