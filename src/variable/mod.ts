/** Variables: the handles that users hold, how they are made, and the operations on them. */
export { constant, noGrad, stopGradient, variable, type VariableOptions } from "./creation.ts";
export * from "./elementwise.ts";
export * from "./functions.ts";
export * from "./activations.ts";
export * from "./special_functions.ts";
export * from "./trigonometry.ts";
export * from "./logic.ts";
export * from "./rounding.ts";
export * from "./powers.ts";
export * from "./decompositions.ts";
export * from "./determinants.ts";
export * from "./einsum.ts";
export * from "./linear_algebra.ts";
export * from "./products.ts";
export * from "./convolution.ts";
export * from "./pooling.ts";
export * from "./resampling.ts";
export * from "./normalization.ts";
export * from "./attention.ts";
export * from "./recurrent.ts";
export * from "./losses.ts";
export * from "./similarity.ts";
export * from "./cross_entropy.ts";
export * from "./layer_functions.ts";
export * from "./accumulations.ts";
export * from "./at.ts";
export * from "./diagonals.ts";
export * from "./filling.ts";
export * from "./indexing.ts";
export * from "./joining.ts";
export * from "./reductions.ts";
export * from "./shapes.ts";
export * from "./sorting.ts";
export * from "./statistics.ts";
export { flattenTree, mapTree, mapTrees, type Tree, unflattenTree } from "./tree.ts";
export {
  type ArrayLike,
  type AxisOptions,
  type EluOptions,
  type GeluOptions,
  type HardTanhOptions,
  type LeakyReluOptions,
  type LossOptions,
  type Operand,
  type ReductionArgument,
  type ReductionOptions,
  type SoftshrinkOptions,
  Variable,
  type VariableState,
} from "./variable.ts";
