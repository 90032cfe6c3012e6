/** Variables: the handles that users hold, how they are made, and the operations on them. */
export { constant, noGrad, stopGradient, variable, type VariableOptions } from "./creation.ts";
export * from "./elementwise.ts";
export * from "./functions.ts";
export { flattenTree, mapTree, mapTrees, type Tree, unflattenTree } from "./tree.ts";
export {
  type ArrayLike,
  type AxisOptions,
  type LossOptions,
  type Operand,
  type ReductionArgument,
  type ReductionOptions,
  Variable,
  type VariableState,
} from "./variable.ts";
