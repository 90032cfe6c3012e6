/** Variables: the handles that users hold, how they are made, and the operations on them. */
export { constant, noGrad, stopGradient, variable, type VariableOptions } from "./creation.ts";
export { flattenTree, mapTree, mapTrees, type Tree, unflattenTree } from "./tree.ts";
export type * from "./methods.ts";
export type * from "./signatures/elementwise.ts";
export type * from "./signatures/indexing.ts";
export type * from "./signatures/linear_algebra.ts";
export type * from "./signatures/neural.ts";
export type * from "./signatures/reductions.ts";
export type * from "./signatures/shapes.ts";
export { type ArrayLike, type Operand, Variable, type VariableState } from "./variable.ts";
