/**
 * Optimizers: pure updates of parameter trees by their gradients.
 *
 * @module
 */
export { adam, type AdamOptions } from "./adam.ts";
export type { Optimizer, OptimizerState, Parameters, Schedule } from "./optimizer.ts";
export { rmsprop, type RmspropOptions } from "./rmsprop.ts";
export { sgd, type SgdOptions } from "./sgd.ts";
