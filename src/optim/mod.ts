/**
 * Optimizers: pure updates of parameter trees by their gradients; schedules of their learning rates; and
 * searches for the minimum of a function or a sum of squares.
 *
 * @module
 */
export { adadelta, type AdadeltaOptions } from "./adadelta.ts";
export { adagrad, type AdagradOptions } from "./adagrad.ts";
export { adam, type AdamOptions, adamW } from "./adam.ts";
export { adamax, type AdamaxOptions } from "./adamax.ts";
export { leastSquares, type LeastSquaresOptions, type LeastSquaresResult } from "./least_squares.ts";
export { minimize, type MinimizeOptions, type MinimizeResult } from "./minimize.ts";
export type { Optimizer, OptimizerState, Parameters } from "./optimizer.ts";
export { rmsprop, type RmspropOptions } from "./rmsprop.ts";
export {
  constantRate,
  cosineDecay,
  cosineRestarts,
  exponentialDecay,
  linearDecay,
  type Schedule,
  sequence,
  stepDecay,
  warmup,
} from "./schedules.ts";
export type { Iteration, Progress, StopOptions, StopReason } from "./stopping.ts";
export { sgd, type SgdOptions } from "./sgd.ts";
