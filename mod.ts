/**
 * Reverse-mode automatic differentiation on a global tape: Variables, `grad(f)`, and what a small
 * deep-learning framework needs.
 *
 * @example
 * ```ts
 * import { grad, type Variable } from "@tapegrad/tapegrad";
 *
 * const f = (x: Variable) => x.sin().mul(x);
 * console.log(grad(f)(0)); // 0
 * ```
 *
 * @module
 */
export type { DType, FloatArray, NumericArray } from "./src/array/dtype.ts";
export { NdArray, type NestedNumbers } from "./src/array/nd_array.ts";
export type { Shape } from "./src/array/shape.ts";
export { tape } from "./src/tape/tape.ts";
export type {
  Adjoints,
  Explanation,
  Frame,
  Group,
  Notes,
  Owner,
  Read,
  ReadGuard,
  Rows,
  Scope,
  Side,
  Tape,
  WalkStep,
} from "./src/tape/mod.ts";
export type { Value } from "./src/array/value.ts";
export * from "./src/transforms/mod.ts";
export * from "./src/functions/mod.ts";
export * from "./src/variable/mod.ts";
