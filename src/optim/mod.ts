/**
 * Optimizers: pure updates of parameter trees by their gradients; schedules of their learning rates; and
 * searches for the minimum of a function or a sum of squares.
 *
 * @module
 */
export { accumulate } from "./optimizers/accumulate.ts";
export { adadelta, type AdadeltaOptions } from "./optimizers/adadelta.ts";
export { adagrad, type AdagradOptions } from "./optimizers/adagrad.ts";
export { adam, type AdamOptions, adamW, type MomentOptions } from "./optimizers/adam.ts";
export { adamax, type AdamaxOptions } from "./optimizers/adamax.ts";
export { asgd, type AsgdOptions } from "./optimizers/asgd.ts";
export { clipByGlobalNorm, clipByNorm, clipByValue } from "./optimizers/clipping.ts";
export { groups } from "./optimizers/groups.ts";
export { leastSquares, type LeastSquaresOptions, type LeastSquaresResult } from "./solvers/least_squares.ts";
export { lion, type LionOptions } from "./optimizers/lion.ts";
export { makeOptimizer, type OptimizerDefinition } from "./optimizers/make_optimizer.ts";
export { minimize, type MinimizeOptions, type MinimizeResult } from "./solvers/minimize.ts";
export { averagedParameters, movingAverage, type MovingAverageOptions } from "./optimizers/moving_average.ts";
export { nadam, type NadamOptions } from "./optimizers/nadam.ts";
export type { Optimizer, OptimizerState } from "./optimizers/optimizer.ts";
export type { OptimizerOptions } from "./optimizers/options.ts";
export type { Parameters, Weights } from "./optimizers/weights.ts";
export { radam, type RadamOptions } from "./optimizers/radam.ts";
export { rmsprop, type RmspropOptions } from "./optimizers/rmsprop.ts";
export { rprop, type RpropOptions } from "./optimizers/rprop.ts";
export * from "./schedules/mod.ts";
export type { Iteration, Progress, SearchSummary, StopOptions, StopReason } from "./solvers/stopping.ts";
export { sgd, type SgdOptions } from "./optimizers/sgd.ts";
