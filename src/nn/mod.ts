/**
 * A small framework in the manner of Keras: layers, losses, and models that train.
 *
 * @module
 */
export type { ActivationName } from "./activations.ts";
export { type Callbacks, earlyStopping, type History, type Logs } from "./history.ts";
export type { InitializerName } from "./initializers.ts";
export { dense, type DenseOptions, flatten, type Layer, type LayerParameters } from "./layers.ts";
export type { LossFunction, LossName } from "./losses.ts";
export {
  type CompileOptions,
  type FitOptions,
  type ModelParameters,
  Sequential,
  sequential,
  type SequentialOptions,
} from "./sequential.ts";
