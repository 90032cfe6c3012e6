/**
 * A small framework in the manner of Keras: layers, losses, and models that train.
 *
 * @module
 */
export type { ActivationName } from "./activations.ts";
export {
  dropout,
  type DropoutOptions,
  embedding,
  type EmbeddingOptions,
  layerNormalization,
  type LayerNormalizationOptions,
} from "./layers/common_layers.ts";
export {
  averagePooling2d,
  conv2d,
  type Conv2dLayerOptions,
  globalAveragePooling2d,
  maxPooling2d,
  type Pooling2dOptions,
} from "./layers/image_layers.ts";
export {
  type Callbacks,
  earlyStopping,
  type EarlyStoppingOptions,
  type History,
  type Logs,
  type TrainedModel,
} from "./training/history.ts";
export type { Initializer, InitializerName } from "./initializers.ts";
export {
  activation,
  dense,
  type DenseOptions,
  flatten,
  type Layer,
  type LayerParameters,
  type ModelParameters,
} from "./layers/layer.ts";
export type { LossFunction, LossName } from "./losses.ts";
export type { MetricName } from "./metrics.ts";
export type { CompileOptions, FitOptions, OptimizerName, SequentialOptions } from "./training/options.ts";
export { Sequential, sequential } from "./models/sequential.ts";
