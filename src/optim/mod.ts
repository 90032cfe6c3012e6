/**
 * Optimizers: pure updates of parameter trees by their gradients; schedules of their learning rates; and
 * searches for the minimum of a function or a sum of squares.
 *
 * @module
 */
export { adadelta, type AdadeltaOptions } from "./optimizers/adadelta.ts";
export { adagrad, type AdagradOptions } from "./optimizers/adagrad.ts";
export { adam, type AdamOptions, adamW } from "./optimizers/adam.ts";
export { adamax, type AdamaxOptions } from "./optimizers/adamax.ts";
export { leastSquares, type LeastSquaresOptions, type LeastSquaresResult } from "./solvers/least_squares.ts";
export { minimize, type MinimizeOptions, type MinimizeResult } from "./solvers/minimize.ts";
export type { Optimizer, OptimizerState, Parameters } from "./optimizers/optimizer.ts";
export { rmsprop, type RmspropOptions } from "./optimizers/rmsprop.ts";
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
export type { Iteration, Progress, SearchSummary, StopOptions, StopReason } from "./solvers/stopping.ts";
export { sgd, type SgdOptions } from "./optimizers/sgd.ts";
