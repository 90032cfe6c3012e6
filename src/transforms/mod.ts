/** Function transforms: a function in, its derivative out. */
export { grad, type GradOptions, valueAndGrad } from "./grad.ts";
export type { GradFunction, Gradient, Lowered, ValueAndGradFunction } from "./types.ts";
