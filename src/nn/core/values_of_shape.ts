import type { DType } from "../../array/dtype.ts";
import { fullArray } from "../../array/nd_array.ts";
import { unknownValue } from "../../array/deferred_array.ts";
import type { Shape } from "../../array/shape.ts";
import { tape } from "../../tape/mod.ts";
import { noGrad, type Variable } from "../../variable/mod.ts";
import { untracked } from "../../variable/variable.ts";

/** A Variable of which shape and dtype count, and nothing else; where elements are asked for they are 0. */
export function valuesOfShape(shape: Shape, dtype: DType): Variable {
  if (tape.withoutValues) return untracked(unknownValue(shape, dtype), dtype);
  return shape.length === 0 ? untracked(0, dtype) : untracked(fullArray(shape, 0, dtype), dtype);
}

/**
 * Runs a function for the shapes of what it returns: without values, and again with some if it asks for them.
 *
 * @param f Makes its inputs by {@linkcode valuesOfShape}
 */
export function runForShapes<R>(f: () => R): R {
  try {
    return tape.scope({ recording: false, withoutValues: true }, f);
  } catch (reason) {
    if (!(reason instanceof Error)) throw reason;
    return noGrad(f);
  }
}
