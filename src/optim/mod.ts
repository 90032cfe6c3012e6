/**
 * Optimizers: pure updates of parameter trees by their gradients; and schedules of their learning rates.
 *
 * @module
 */
export { adadelta, type AdadeltaOptions } from "./adadelta.ts";
export { adagrad, type AdagradOptions } from "./adagrad.ts";
export { adam, type AdamOptions, adamW } from "./adam.ts";
export { adamax, type AdamaxOptions } from "./adamax.ts";
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
export { sgd, type SgdOptions } from "./sgd.ts";
