/** Variables: the handles that users hold, how they are made, and the operations on them. */
export { constant, noGrad, stopGradient, variable, type VariableOptions } from "./creation.ts";
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
