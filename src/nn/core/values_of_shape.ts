import type { DType } from "../../array/dtype.ts";
import { fullArray } from "../../array/nd_array.ts";
import type { Shape } from "../../array/shape.ts";
import { noGrad, type Variable } from "../../variable/mod.ts";
import { untracked } from "../../variable/variable.ts";

/** A Variable of which shape and dtype count, and nothing else; its elements are 0. */
export function valuesOfShape(shape: Shape, dtype: DType): Variable {
  return shape.length === 0 ? untracked(0, dtype) : untracked(fullArray(shape, 0, dtype), dtype);
}

/** Runs a function for the shapes of what it returns. */
export function runForShapes<R>(f: () => R): R {
  return noGrad(f);
}
