/** Variables: the handles that users hold, how they are made, and the operations on them. */
export { constant, noGrad, stopGradient, variable, type VariableOptions } from "./creation.ts";
export { flattenTree, mapTree, mapTrees, type Tree, unflattenTree } from "./tree.ts";
export * from "./methods.ts";
export * from "./signatures/elementwise.ts";
export * from "./signatures/indexing.ts";
export * from "./signatures/linear_algebra.ts";
export * from "./signatures/neural.ts";
export * from "./signatures/reductions.ts";
export * from "./signatures/shapes.ts";
export { type ArrayLike, type Operand, Variable, type VariableState } from "./variable.ts";
