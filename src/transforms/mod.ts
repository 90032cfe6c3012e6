/** Function transforms: a function in, its derivative out. */
export {
  grad,
  type Gradients,
  type GradOptions,
  type HasVariable,
  type LoweredArguments,
  valueAndGrad,
  type ValueOf,
} from "./grad.ts";
export type { GradFunction, Gradient, Lowered, ValueAndGradFunction } from "./types.ts";
