/** Layers, each of which enters the registry when its file is loaded. */
export {
  activation,
  type ActivationOptions,
  dense,
  type DenseOptions,
  flatten,
  lambda,
  type LambdaOptions,
} from "./core.ts";
export { conv2d, type Conv2dLayerOptions, type FilterOptions } from "./convolution.ts";
export { embedding, type EmbeddingOptions } from "./embedding.ts";
export { add, concatenate, type ConcatenateOptions } from "./merging.ts";
export {
  batchNormalization,
  type BatchNormalizationOptions,
  layerNormalization,
  type LayerNormalizationOptions,
  type ScaleAndOffsetOptions,
} from "./normalization.ts";
export { averagePooling2d, globalAveragePooling2d, maxPooling2d, type Pooling2dOptions } from "./pooling.ts";
export { dropout, type DropoutOptions } from "./regularization.ts";
